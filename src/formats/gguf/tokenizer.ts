/** Rebuilds a model's tokenizer files from GGUF metadata, in the form in which a Hugging Face folder brings them. */
import { jsonBytes } from '../json-file';
import type { GgufMetadata } from './metadata';
import { byteLevelTokenizer } from './tokenizer-bpe';
import { sentencePieceTokenizer } from './tokenizer-spm';
import { readVocabulary, TokenType } from './vocabulary';
import type { GgufVocabulary } from './vocabulary';

/**
 * The files: `tokenizer.json` (`vocab.txt` for BERT), `tokenizer_config.json` with the chat template, and
 * `generation_config.json` with the ids that end an answer. Throws `bad-model` naming what is missing, `unsupported`
 * naming a kind of tokenizer that is not known.
 */
export function ggufTokenizerFiles(metadata: GgufMetadata): Map<string, Uint8Array> {
  const vocabulary = readVocabulary(metadata);
  const kind =
    metadata.text('tokenizer.ggml.model') ??
    metadata.fail('`tokenizer.ggml.model` is missing: the file brings no tokenizer.');
  const files = new Map<string, Uint8Array>();
  if (kind === 'bert') files.set('vocab.txt', new TextEncoder().encode(wordPieces(vocabulary)));
  else if (kind === 'gpt2') files.set('tokenizer.json', jsonBytes(byteLevelTokenizer(vocabulary)));
  else if (kind === 'llama') files.set('tokenizer.json', jsonBytes(sentencePieceTokenizer(vocabulary)));
  else
    metadata.refuse(
      `its tokenizer is of the kind “${kind}”, which is not known.`,
      'Known are `gpt2` (byte-level BPE), `llama` (SentencePiece) and `bert` (WordPiece).',
    );
  files.set('tokenizer_config.json', jsonBytes(settingsOf(vocabulary)));
  const ends = [...new Set(['eos', 'eot', 'eom'].flatMap((role) => vocabulary.ids.get(role) ?? []))];
  const [bos, padding] = [vocabulary.ids.get('bos'), vocabulary.ids.get('padding')];
  files.set(
    'generation_config.json',
    jsonBytes({
      ...(bos === undefined ? {} : { bos_token_id: bos }),
      ...(ends.length === 0 ? {} : { eos_token_id: ends.length === 1 ? ends[0] : ends }),
      ...(padding === undefined ? {} : { pad_token_id: padding }),
    }),
  );
  return files;
}

const SETTINGS: [field: string, role: string][] = [
  ['bos_token', 'bos'],
  ['eos_token', 'eos'],
  ['unk_token', 'unknown'],
  ['pad_token', 'padding'],
  ['sep_token', 'seperator'],
  ['cls_token', 'cls'],
  ['mask_token', 'mask'],
];

function settingsOf({ metadata, tokens, ids }: GgufVocabulary): Record<string, unknown> {
  const named = SETTINGS.flatMap(([field, role]) => {
    const id = ids.get(role);
    return id === undefined ? [] : [[field, tokens[id]] as const];
  });
  const length = metadata.number(`${metadata.text('general.architecture') ?? ''}.context_length`);
  const template = metadata.text('tokenizer.chat_template');
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...Object.fromEntries(named),
    clean_up_tokenization_spaces: false,
    ...(length === null ? {} : { model_max_length: length }),
    ...(template === null ? {} : { chat_template: template }),
  };
}

/** BERT's vocabulary, one token a line: GGUF marks the beginnings of words, `vocab.txt` marks what is none. */
function wordPieces({ tokens, types }: GgufVocabulary): string {
  const special = (token: string, id: number): boolean =>
    types[id] === TokenType.control || types[id] === TokenType.unknown || /^\[.+\]$/.test(token);
  const piece = (token: string, id: number): string => {
    if (special(token, id)) return token;
    return token.startsWith('\u2581') ? token.slice(1) : `##${token}`;
  };
  return `${tokens.map(piece).join('\n')}\n`;
}
