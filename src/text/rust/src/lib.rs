//! One tokenizer of the library `tokenizers`, for the JavaScript in `../rust-tokenizer.ts`.
//!
//! An instance of this module holds one tokenizer, so that a panic, after which an instance is not used any more, spoils
//! that one alone. Texts come in as UTF-8 that was written into `alloc`'s memory and is taken over; whatever goes out
//! lies at `output()` until the next call: a text in UTF-8, or numbers of 32 bits.

mod environment;
mod words;

use std::cell::RefCell;

use tokenizers::tokenizer::pre_tokenizer::OffsetType;
use tokenizers::utils::truncation::{truncate_encodings, TruncationDirection, TruncationParams};
use tokenizers::{AddedToken, Encoding, Model, PostProcessor, PreTokenizedString, PreTokenizer, Result, Tokenizer};

/// Steps back that a pattern may take until it is found or not (the library's own limit is for one place of a text).
const MOST_RETRIES: u32 = 5_000_000;

const DONE: u32 = 0;
const FAILED: u32 = 1;
const NO_ROOM: u32 = 2;

/// Bits of `encode`'s flags.
const SPECIAL: u32 = 1;
const LEFT: u32 = 2;
const OFFSETS: u32 = 4;

thread_local! {
    static TOKENIZER: RefCell<Option<Tokenizer>> = const { RefCell::new(None) };
    static OUTPUT: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static LENGTH: RefCell<usize> = const { RefCell::new(0) };
}

fn put_text(text: &str) {
    OUTPUT.with_borrow_mut(|output| {
        output.clear();
        output.extend(text.as_bytes().chunks(4).map(|chunk| {
            let mut bytes = [0; 4];
            bytes[..chunk.len()].copy_from_slice(chunk);
            u32::from_le_bytes(bytes)
        }));
    });
    LENGTH.set(text.len());
}

/// 0, or 1 with the error's text as output.
fn told<T>(result: Result<T>) -> std::result::Result<T, u32> {
    result.map_err(|error| {
        put_text(&error.to_string());
        FAILED
    })
}

fn with_tokenizer<T>(work: impl FnOnce(&Tokenizer) -> T) -> T {
    TOKENIZER.with_borrow(|tokenizer| work(tokenizer.as_ref().expect("no tokenizer is open")))
}

/// Texts from memory that `alloc` gave.
unsafe fn taken(start: *mut u8, length: usize) -> String {
    String::from_utf8_lossy(&Vec::from_raw_parts(start, length, length)).into_owned()
}

#[no_mangle]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    let mut memory = Vec::<u8>::with_capacity(length);
    let start = memory.as_mut_ptr();
    std::mem::forget(memory);
    start
}

#[no_mangle]
pub extern "C" fn output() -> *const u32 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

/// Bytes of a text, or how many numbers.
#[no_mangle]
pub extern "C" fn output_length() -> usize {
    LENGTH.with_borrow(|length| *length)
}

/// Opens a tokenizer.json, without its padding and truncation. `added` is a JSON list of tokens to be added.
#[no_mangle]
pub unsafe extern "C" fn open(json: *mut u8, length: usize, added: *mut u8, added_length: usize) -> u32 {
    std::panic::set_hook(Box::new(|info| put_text(&info.to_string())));
    onig_sys::onig_set_retry_limit_in_search(MOST_RETRIES);
    let (json, added) = (taken(json, length), taken(added, added_length));
    let opened = (|| -> Result<Tokenizer> {
        let mut tokenizer: Tokenizer = json.parse()?;
        drop(json);
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None)?;
        tokenizer.add_tokens(serde_json::from_str::<Vec<AddedToken>>(&added)?)?;
        Ok(tokenizer)
    })();
    match told(opened) {
        Ok(tokenizer) => {
            words::forget(&tokenizer);
            TOKENIZER.set(Some(tokenizer));
            DONE
        }
        Err(status) => status,
    }
}

/// The ids of a text alone, before anything is put around it.
fn encoding(
    tokenizer: &Tokenizer,
    text: &str,
    type_id: u32,
    limit: Option<(usize, TruncationDirection)>,
    offsets: OffsetType,
) -> Result<Encoding> {
    let mut parts: PreTokenizedString = tokenizer
        .get_added_vocabulary()
        .extract_and_normalize(tokenizer.get_normalizer(), text);
    if let Some(pre_tokenizer) = tokenizer.get_pre_tokenizer() {
        pre_tokenizer.pre_tokenize(&mut parts)?;
    }
    tokenizer.get_model().tokenize_in_pretokenized(&mut parts, limit)?;
    let mut encoding = parts.into_encoding(None, type_id, offsets)?;
    // Without offsets the library leaves the types out.
    encoding.set_type_ids(vec![type_id; encoding.len()]);
    Ok(encoding)
}

/// Output: how many tokens, whether any was cut off, then for all tokens together their ids, types, whether they were
/// put around the text, which text they are from (2: none), and if asked where they begin and end in it, in units of
/// UTF-16. Without memory for it (0) there is no second text; `most` is the most tokens, 0 for all. 2 says that nothing
/// of the text would fit.
#[no_mangle]
pub unsafe extern "C" fn encode(
    first: *mut u8,
    first_length: usize,
    second: *mut u8,
    second_length: usize,
    most: usize,
    flags: u32,
) -> u32 {
    let first = taken(first, first_length);
    let second = (!second.is_null()).then(|| taken(second, second_length));
    with_tokenizer(|tokenizer| encode_texts(tokenizer, &first, second.as_deref(), most, flags))
        .unwrap_or_else(|status| status)
}

fn encode_texts(
    tokenizer: &Tokenizer,
    first: &str,
    second: Option<&str>,
    most: usize,
    flags: u32,
) -> std::result::Result<u32, u32> {
    let special = flags & SPECIAL != 0;
    let direction = if flags & LEFT != 0 {
        TruncationDirection::Left
    } else {
        TruncationDirection::Right
    };
    let offsets = if flags & OFFSETS != 0 {
        OffsetType::Char
    } else {
        OffsetType::None
    };
    let around = match tokenizer.get_post_processor() {
        Some(processor) if special => processor.added_tokens(second.is_some()),
        _ => 0,
    };
    if most != 0 && most <= around {
        put_text(&around.to_string());
        return Err(NO_ROOM);
    }
    let room = most.checked_sub(around).filter(|_| most != 0);
    let limit = room.map(|room| (room + 1, direction));
    let one = |text: &str, type_id| {
        told(match flags & OFFSETS {
            0 if words::apart() => words::encoding(tokenizer, text, type_id, limit),
            _ => encoding(tokenizer, text, type_id, limit, offsets),
        })
    };
    let (mut a, mut b) = (one(first, 0)?, second.map(|text| one(text, 1)).transpose()?);
    let length = a.len() + b.as_ref().map_or(0, Encoding::len);
    if let Some(max_length) = room {
        let params = TruncationParams {
            max_length,
            direction,
            ..TruncationParams::default()
        };
        (a, b) = told(truncate_encodings(a, b, &params))?;
        a.take_overflowing();
        if let Some(b) = b.as_mut() {
            b.take_overflowing();
        }
    }
    let kept = a.len() + b.as_ref().map_or(0, Encoding::len);
    let whole = told(tokenizer.post_process(a, b, special))?;
    put_encoding(
        &whole,
        kept < length,
        (flags & OFFSETS != 0).then_some([first, second.unwrap_or("")]),
    );
    Ok(DONE)
}

/// For each character of a text, and its end, where it begins in UTF-16.
fn places(text: &str) -> Vec<u32> {
    let mut at = 0;
    let mut places: Vec<u32> = text
        .chars()
        .map(|character| {
            let start = at;
            at += character.len_utf16() as u32;
            start
        })
        .collect();
    places.push(at);
    places
}

fn put_encoding(encoding: &Encoding, truncated: bool, texts: Option<[&str; 2]>) {
    let sequences = encoding.get_sequence_ids();
    OUTPUT.with_borrow_mut(|output| {
        output.clear();
        output.extend([encoding.len() as u32, truncated as u32]);
        output.extend_from_slice(encoding.get_ids());
        output.extend_from_slice(encoding.get_type_ids());
        output.extend_from_slice(encoding.get_special_tokens_mask());
        output.extend(
            sequences
                .iter()
                .map(|sequence| sequence.map_or(2, |which| which as u32)),
        );
        if let Some(texts) = texts {
            let places = texts.map(places);
            let place = |which: Option<usize>, at: usize| {
                places
                    .get(which.unwrap_or(0))
                    .and_then(|known| known.get(at).or(known.last()))
                    .copied()
                    .unwrap_or(0)
            };
            let offsets = || encoding.get_offsets().iter().zip(&sequences);
            output.extend(offsets().map(|(span, which)| place(*which, span.0)));
            output.extend(offsets().map(|(span, which)| place(*which, span.1)));
        }
        LENGTH.set(output.len());
    });
}

/// Output: the text of `count` ids, which lie at the memory that `alloc` gave for four bytes each.
#[no_mangle]
pub unsafe extern "C" fn decode(ids: *mut u8, count: usize, skip_special: u32) -> u32 {
    let bytes = Vec::from_raw_parts(ids, count * 4, count * 4);
    let ids: Vec<u32> = bytes
        .chunks_exact(4)
        .map(|id| u32::from_le_bytes([id[0], id[1], id[2], id[3]]))
        .collect();
    match told(with_tokenizer(|tokenizer| tokenizer.decode(&ids, skip_special != 0))) {
        Ok(text) => {
            put_text(&text);
            DONE
        }
        Err(status) => status,
    }
}

/// Output: how the vocabulary spells a token. 1 when there is none.
#[no_mangle]
pub extern "C" fn token_of(id: u32) -> u32 {
    match with_tokenizer(|tokenizer| tokenizer.id_to_token(id)) {
        Some(token) => {
            put_text(&token);
            DONE
        }
        None => FAILED,
    }
}

/// The id of a token, or -1.
#[no_mangle]
pub unsafe extern "C" fn id_of(token: *mut u8, length: usize) -> i32 {
    let token = taken(token, length);
    with_tokenizer(|tokenizer| tokenizer.token_to_id(&token)).map_or(-1, |id| id as i32)
}

/// The largest id of all tokens, or -1 when there is none.
#[no_mangle]
pub extern "C" fn largest_id() -> i32 {
    with_tokenizer(|tokenizer| tokenizer.get_vocab(true).into_values().max()).map_or(-1, |id| id as i32)
}

/// Output: the contents of the added tokens by their ids, as JSON.
#[no_mangle]
pub extern "C" fn added_tokens() {
    let mut tokens: Vec<_> = with_tokenizer(|tokenizer| tokenizer.get_added_tokens_decoder())
        .into_iter()
        .collect();
    tokens.sort_by_key(|(id, _)| *id);
    let contents: Vec<String> = tokens.into_iter().map(|(_, token)| token.content).collect();
    put_text(&serde_json::to_string(&contents).expect("texts are JSON"));
}
