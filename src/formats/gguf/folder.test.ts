/** GGUF files among others: which one is the model, and what lies beside it. */
import { describe, expect, it } from 'vitest';
import { fromFloat32 } from '../dtype';
import { memoryFile } from '../folder';
import type { FolderFile } from '../folder';
import { ggufAmong, readGgufFolder, summarizeGgufFile } from './folder';
import { writeGguf } from './write';
import type { GgufEntry } from './write';
import { writeGgufModel } from './write-model';

const text = (path: string, content: string): FolderFile => memoryFile(path, new TextEncoder().encode(content));
const JSON_TOKENIZER = JSON.stringify({
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] },
});
const MODEL = writeGgufModel({
  config: { model_type: 'gpt2', n_embd: 4, n_layer: 1, n_head: 2, n_positions: 8 },
  tensors: [fromFloat32('transformer.wte.weight', [3, 4], new Float32Array(12))],
  tokenizerFiles: new Map([['tokenizer.json', new TextEncoder().encode(JSON_TOKENIZER)]]),
  chatTemplate: 'from the GGUF',
  type: 'F32',
  name: 'tiny',
  licence: null,
});
const gguf = memoryFile('tiny.Q8_0.gguf', MODEL);

describe('the file that is the model', () => {
  it('is the one GGUF, unless a config.json makes it a folder', () => {
    expect(ggufAmong([text('README.md', ''), gguf])).toBe(gguf);
    expect(ggufAmong([text('config.json', '{}'), gguf])).toBeNull();
    expect(ggufAmong([text('notes.txt', '')])).toBeNull();
  });

  it('is asked for where there are several', () => {
    expect(() => ggufAmong([gguf, memoryFile('tiny.F16.GGUF', MODEL)])).toThrow(
      expect.objectContaining({ code: 'bad-model', place: { file: 'tiny.F16.GGUF' } }),
    );
  });

  it('is described from its header', async () => {
    expect(await summarizeGgufFile(gguf)).toMatchObject({
      parameters: 12,
      licence: null,
      config: { model_type: 'gpt2', vocab_size: 3, tie_word_embeddings: true },
    });
  });

  it('is not one part of several', async () => {
    const part = writeGguf(
      new Map<string, GgufEntry>([
        ['general.architecture', { type: 'string', value: 'gpt2' }],
        ['split.count', { type: 'u32', value: 3 }],
      ]),
      [],
    );
    await expect(summarizeGgufFile(memoryFile('m-00001-of-00003.gguf', part))).rejects.toMatchObject({
      code: 'unsupported',
      fix: expect.stringContaining('--merge') as string,
    });
  });
});

describe('what lies beside it', () => {
  it('is not needed', async () => {
    const { tokenizerFiles, chat, tensors, licence } = await readGgufFolder(gguf, [gguf]);
    expect([...tokenizerFiles.keys()]).toEqual(['tokenizer.json', 'tokenizer_config.json']);
    expect([chat.settings['chat_template'], [...tensors.keys()], licence]).toEqual([
      'from the GGUF',
      ['transformer.wte.weight'],
      null,
    ]);
  });

  it('wins over the metadata', async () => {
    const beside = [
      gguf,
      text('tokenizer.json', JSON_TOKENIZER),
      text('chat_template.jinja', 'beside'),
      text('generation_config.json', '{"eos_token_id": 2}'),
      text('README.md', '---\nlicense: mit\n---\n'),
    ];
    const { tokenizerFiles, chat, licence } = await readGgufFolder(gguf, beside);
    expect([...tokenizerFiles.keys()]).toEqual(['tokenizer.json']);
    expect([chat.jinja, chat.generationConfig, licence]).toEqual(['beside', { eos_token_id: 2 }, 'mit']);
  });
});
