//! Remembers the ids of words where a text's ids are those of its words, one after the other: BERT's tokenizers. The
//! library remembers for BPE and Unigram only, and BERT's normalizer is slow.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use tokenizers::models::ModelWrapper;
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::tokenizer::pre_tokenizer::OffsetType;
use tokenizers::utils::truncation::TruncationDirection;
use tokenizers::{Encoding, Result, Tokenizer};

/// Then the memory starts anew.
const MOST_WORDS: usize = 50_000;

thread_local! {
    static APART: Cell<bool> = const { Cell::new(false) };
    static KNOWN: RefCell<HashMap<String, Vec<u32>>> = RefCell::new(HashMap::new());
}

/// To be told of a new tokenizer. Spaces part the words for good where every step looks at single characters or at what
/// is between white space, and no added token holds some.
pub fn forget(tokenizer: &Tokenizer) {
    let bert = matches!(
        (
            tokenizer.get_normalizer(),
            tokenizer.get_pre_tokenizer(),
            tokenizer.get_model()
        ),
        (
            Some(NormalizerWrapper::BertNormalizer(_)),
            Some(PreTokenizerWrapper::BertPreTokenizer(_)),
            ModelWrapper::WordPiece(_)
        )
    );
    let added = tokenizer.get_added_tokens_decoder();
    APART.set(bert && !added.values().any(|token| token.content.contains(char::is_whitespace)));
    KNOWN.with_borrow_mut(HashMap::clear);
}

pub fn apart() -> bool {
    APART.get()
}

/// The ids of a text, without places.
pub fn encoding(
    tokenizer: &Tokenizer,
    text: &str,
    type_id: u32,
    limit: Option<(usize, TruncationDirection)>,
) -> Result<Encoding> {
    let most = match limit {
        Some((most, TruncationDirection::Right)) => most,
        _ => usize::MAX,
    };
    let mut ids = Vec::new();
    KNOWN.with_borrow_mut(|known| -> Result<()> {
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if let Some(found) = known.get(word) {
                ids.extend_from_slice(found);
            } else {
                let found = super::encoding(tokenizer, word, 0, None, OffsetType::None)?;
                ids.extend_from_slice(found.get_ids());
                if known.len() >= MOST_WORDS {
                    known.clear();
                }
                known.insert(word.to_owned(), found.get_ids().to_vec());
            }
            if ids.len() >= most {
                break;
            }
        }
        Ok(())
    })?;
    let count = ids.len();
    Ok(Encoding::new(
        ids,
        vec![type_id; count],
        vec![String::new(); count],
        vec![None; count],
        vec![(0, 0); count],
        vec![0; count],
        vec![1; count],
        Vec::new(),
        Default::default(),
    ))
}
