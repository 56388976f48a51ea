/**
 * The files that stand for a GGUF's tokenizer, piece by piece; their token ids are compared in
 * worker/gguf-tokenizer.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { TabtuneError } from '../../base/errors';
import type { GgufValue } from './cursor';
import { GgufMetadata } from './metadata';
import { ggufTokenizerFiles } from './tokenizer';

const SPM: Record<string, GgufValue> = {
  'general.architecture': 'llama',
  'llama.context_length': 64,
  'tokenizer.ggml.model': 'llama',
  'tokenizer.ggml.tokens': ['<unk>', '<s>', '</s>', '<0x0A>', '▁', 'a', 'b', 'ab', '▁ab', '▁a', '<|end|>'],
  'tokenizer.ggml.scores': Float32Array.of(0, 0, 0, 0, -7, -8, -9, -1, -3, -2, 0),
  'tokenizer.ggml.token_type': Int32Array.of(2, 3, 3, 6, 1, 1, 1, 1, 1, 1, 4),
  'tokenizer.ggml.bos_token_id': 1,
  'tokenizer.ggml.eos_token_id': 2,
  'tokenizer.ggml.eot_token_id': 10,
  'tokenizer.ggml.unknown_token_id': 0,
};
const BPE: Record<string, GgufValue> = {
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'llama-bpe',
  'tokenizer.ggml.tokens': ['a', 'b', 'ab', '__proto__', '<|begin|>', 'a'],
  'tokenizer.ggml.token_type': Int32Array.of(1, 1, 1, 1, 3, 5),
  'tokenizer.ggml.merges': ['a b'],
  'tokenizer.ggml.bos_token_id': 4,
  'tokenizer.ggml.padding_token_id': 0xffffffff,
};

const files = (entries: Record<string, GgufValue>): Map<string, Uint8Array> =>
  ggufTokenizerFiles(new GgufMetadata(new Map(Object.entries(entries)), 'm.gguf'));
/** The parts of tokenizer.json that are looked at. */
interface Shown {
  added_tokens: { content: string; special: boolean }[];
  normalizer: { type: string; normalizers: unknown[] } | null;
  pre_tokenizer: { type: string; pretokenizers: { pattern: { Regex: string } }[] } | null;
  post_processor: { type: string; single: unknown[]; processors: unknown[] };
  decoder: { decoders: unknown[] };
  model: { vocab: object; merges: unknown; ignore_merges: boolean };
}
const parsed = (entries: Record<string, GgufValue>, name: string): unknown =>
  JSON.parse(new TextDecoder().decode(files(entries).get(name)));
const json = (entries: Record<string, GgufValue>): Shown => parsed(entries, 'tokenizer.json') as Shown;
const failure = (entries: Record<string, GgufValue>): TabtuneError => {
  try {
    files(entries);
  } catch (error) {
    if (error instanceof TabtuneError) return error;
  }
  return expect.fail('this should have been refused');
};

describe('SentencePiece', () => {
  it('orders merges by the score of what they give', () => {
    expect(json(SPM).model.merges).toEqual([
      ['a', 'b'],
      ['▁', 'a'],
      ['▁a', 'b'],
      ['▁', 'ab'],
    ]);
  });

  it('prepends a space and a beginning token unless told otherwise', () => {
    const usual = json(SPM);
    expect(usual.normalizer?.normalizers[0]).toEqual({ type: 'Prepend', prepend: '▁' });
    expect(usual.post_processor.single[0]).toEqual({ SpecialToken: { id: '<s>', type_id: 0 } });
    const bare = json({
      ...SPM,
      'tokenizer.ggml.add_space_prefix': false,
      'tokenizer.ggml.add_bos_token': false,
      'tokenizer.ggml.add_eos_token': true,
    });
    expect(bare.normalizer?.type).toBe('Replace');
    expect(bare.decoder.decoders).toHaveLength(3);
    expect(bare.post_processor.single).toEqual([
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '</s>', type_id: 0 } },
    ]);
  });

  it('knows which tokens are found whole', () => {
    expect(json(SPM).added_tokens.map(({ content, special }) => [content, special])).toEqual([
      ['<unk>', true],
      ['<s>', true],
      ['</s>', true],
      ['<|end|>', true],
    ]);
  });

  it('cuts into words only where no piece reaches from one into the next', () => {
    expect(json(SPM).pre_tokenizer).toMatchObject({ type: 'Split' });
    const tokens = [...(SPM['tokenizer.ggml.tokens'] as string[])];
    tokens[7] = 'a▁';
    expect(json({ ...SPM, 'tokenizer.ggml.tokens': tokens }).pre_tokenizer).toBeNull();
  });

  it('says what ends an answer', () => {
    expect(parsed(SPM, 'generation_config.json')).toEqual({ bos_token_id: 1, eos_token_id: [2, 10] });
    expect(parsed(SPM, 'tokenizer_config.json')).toEqual({
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: '<s>',
      eos_token: '</s>',
      unk_token: '<unk>',
      clean_up_tokenization_spaces: false,
      model_max_length: 64,
    });
  });
});

describe('byte-level BPE', () => {
  it('keeps the first of equal tokens, and any name', () => {
    const { model } = json(BPE);
    expect(Object.entries(model.vocab)).toEqual([
      ['a', 0],
      ['b', 1],
      ['ab', 2],
      ['__proto__', 3],
      ['<|begin|>', 4],
    ]);
    expect(model.merges).toEqual([['a', 'b']]);
    expect(model.ignore_merges).toBe(true);
  });

  it('cuts as its pre-tokenizer does; without one as llama.cpp falls back to', () => {
    expect(json(BPE).pre_tokenizer?.pretokenizers[0]?.pattern.Regex).toContain('\\p{N}{1,3}');
    expect(json(BPE).post_processor.processors).toHaveLength(2);
    const old = { ...BPE };
    delete old['tokenizer.ggml.pre'];
    expect(json(old).pre_tokenizer?.pretokenizers).toHaveLength(5);
    expect(json(old).post_processor.type).toBe('ByteLevel');
    expect(json({ ...BPE, 'tokenizer.ggml.pre': 'qwen2' }).normalizer).toEqual({ type: 'NFC' });
  });
});

describe('what is refused', () => {
  const without = (entries: Record<string, GgufValue>, key: string): Record<string, GgufValue> =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => name !== key));
  it.each<[string, Record<string, GgufValue>, string, string]>([
    ['no tokens', without(SPM, 'tokenizer.ggml.tokens'), 'bad-model', 'tokenizer.ggml.tokens'],
    ['no kind', without(SPM, 'tokenizer.ggml.model'), 'bad-model', 'tokenizer.ggml.model'],
    ['no scores', without(SPM, 'tokenizer.ggml.scores'), 'bad-model', 'tokenizer.ggml.scores'],
    ['no merges', without(BPE, 'tokenizer.ggml.merges'), 'bad-model', 'tokenizer.ggml.merges'],
    ['a merge that is no pair', { ...BPE, 'tokenizer.ggml.merges': ['ab'] }, 'bad-model', '"ab"'],
    [
      'scores for other tokens',
      { ...SPM, 'tokenizer.ggml.scores': Float32Array.of(1) },
      'bad-model',
      'has 1 values, not 11',
    ],
    ['types that are no numbers', { ...SPM, 'tokenizer.ggml.token_type': ['x'] }, 'bad-model', 'token_type'],
    ['an id outside the vocabulary', { ...SPM, 'tokenizer.ggml.eos_token_id': 11 }, 'bad-model', 'eos_token_id'],
    [
      'tokens that are no texts',
      { ...SPM, 'tokenizer.ggml.tokens': Int32Array.of(1) },
      'bad-model',
      'no list of texts',
    ],
    ['a template that is no text', { ...SPM, 'tokenizer.chat_template': 7 }, 'bad-model', 'chat_template'],
    ['another kind', { ...SPM, 'tokenizer.ggml.model': 't5' }, 'unsupported', '“t5”'],
    ['another pre-tokenizer', { ...BPE, 'tokenizer.ggml.pre': 'tekken' }, 'unsupported', '“tekken”'],
  ])('%s', (_name, entries, code, part) => {
    const error = failure(entries);
    expect(error.code).toBe(code);
    expect(error.message).toContain(part);
    expect(error.place).toMatchObject({ file: 'm.gguf' });
  });
});
