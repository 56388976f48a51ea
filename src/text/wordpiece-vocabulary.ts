/** Builds an in-memory tokenizer.json for BERT from `vocab.txt`, as transformers does for folders without one. */
import type { Json } from '../base/json';
import { TabtuneError } from '../base/errors';

function nameOf(config: Json, field: string, fallback: string): string {
  const value = config[field];
  if (typeof value === 'string') return value;
  const content = typeof value === 'object' && value !== null ? (value as Json)['content'] : undefined;
  return typeof content === 'string' ? content : fallback;
}

/**
 * One token a line, its id the line's number from 0. Throws `bad-tokenizer` when a token that BERT needs is not in the
 * list.
 */
export function tokenizerFromVocabulary(vocabulary: string, config: Json): Record<string, unknown> {
  const lines = vocabulary.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const ids = new Map(lines.map((token, id) => [token, id]));
  const unknown = nameOf(config, 'unk_token', '[UNK]');
  const cls = nameOf(config, 'cls_token', '[CLS]');
  const sep = nameOf(config, 'sep_token', '[SEP]');
  const special = [nameOf(config, 'pad_token', '[PAD]'), unknown, cls, sep, nameOf(config, 'mask_token', '[MASK]')];
  for (const token of [unknown, cls, sep])
    if (!ids.has(token))
      throw new TabtuneError('bad-tokenizer', `vocab.txt does not hold ${token}.`, {
        place: { file: 'vocab.txt' },
        fix: 'Take the unchanged vocab.txt of the model, or its tokenizer.json.',
      });
  return {
    version: '1.0',
    added_tokens: special
      .filter((token) => ids.has(token))
      .map((content) => ({
        id: ids.get(content),
        content,
        special: true,
        normalized: false,
        single_word: false,
        lstrip: false,
        rstrip: false,
      })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: config['tokenize_chinese_chars'] ?? true,
      strip_accents: config['strip_accents'] ?? null,
      lowercase: config['do_lower_case'] ?? true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', cls: [cls, ids.get(cls)], sep: [sep, ids.get(sep)] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(ids),
    },
  };
}
