/** Token ids of tokenizers that were rebuilt from GGUF metadata, against those of llama.cpp and transformers. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../base/bytes';
import { readGgufCheckpoint } from '../formats/gguf/checkpoint';
import { readGgufHeader } from '../formats/gguf/header';
import { GgufMetadata } from '../formats/gguf/metadata';
import { ggufTokenizerFiles } from '../formats/gguf/tokenizer';
import { chatFormat } from '../text/chat-format';
import { ChatRenderer } from '../text/chat-renderer';
import { templateSource } from '../text/chat-template';
import { checkVocabulary, loadTokenizer, tokenizersReady } from '../text/tokenizer';
import type { TextTokenizer } from '../text/tokenizer';

const SHARED = new URL('../../../shared/', import.meta.url);
const at = (path: string): URL => new URL(path, SHARED);
const here = existsSync(at('tokenizers/gguf'));
const skip = here ? '' : ' (skipped: ../shared/tokenizers is not there)';
const SMOL = 'public/models/SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
const GOLDEN = 'e2e/fixtures/golden/SmolLM2-135M-Instruct.json';
const source = (path: string) => bytesSource(path, new Uint8Array(readFileSync(at(path))));

await tokenizersReady();

async function tokenizerOf(path: string): Promise<TextTokenizer> {
  const { metadata } = await readGgufHeader(source(path));
  return loadTokenizer(ggufTokenizerFiles(new GgufMetadata(metadata, path)), {});
}

describe.skipIf(!here)(`vocabularies of llama.cpp${skip}`, () => {
  it.each(['gpt-2', 'llama-spm', 'bert-bge'])('%s', async (name) => {
    const path = `tokenizers/gguf/ggml-vocab-${name}.gguf`;
    const tokenizer = await tokenizerOf(path);
    const texts = readFileSync(at(`${path}.inp`), 'utf8').split('\n__ggml_vocab_test__\n');
    const expected = readFileSync(at(`${path}.out`), 'utf8')
      .split('\n')
      .map((line) => (line.trim() === '' ? [] : line.trim().split(/\s+/).map(Number)));
    expect(texts.length).toBeGreaterThan(40);
    texts.forEach((text, i) => expect(tokenizer.bare(text), JSON.stringify(text)).toEqual(expected[i]));
  });

  it('reads back what it wrote', async () => {
    const tokenizer = await tokenizerOf('tokenizers/gguf/ggml-vocab-llama-spm.gguf');
    for (const text of ['Hello World!', '  two spaces', 'neue\nZeile\t½ 🦙', 'Привет'])
      expect(tokenizer.decode(tokenizer.bare(text), true)).toBe(text);
    expect([...tokenizer.encode('a', null, 8).ids]).toEqual([1, 263]);
  });
});

describe('SmolLM2-135M-Instruct', () => {
  it('gives the ids of all 22 golden prompts, and of a conversation in its own template', async () => {
    const { config, tokenizerFiles, chat } = await readGgufCheckpoint(
      bytesSource('SmolLM2.gguf', new Uint8Array(readFileSync(SMOL))),
    );
    const tokenizer = loadTokenizer(tokenizerFiles, config);
    expect(() => checkVocabulary(tokenizer, config)).not.toThrow();
    expect(tokenizer.vocabularySize).toBe(49152);
    const { cases } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { cases: { prompt: string; ids: number[] }[] };
    expect(cases).toHaveLength(22);
    for (const { prompt, ids } of cases) expect(tokenizer.bare(prompt), prompt).toEqual(ids);
    const format = chatFormat(
      { tokenizer, config, ...chat, template: templateSource(chat.jinja, chat.settings) },
      'own',
    );
    expect([...format.stopIds]).toEqual([2]);
    const { ids, trained } = new ChatRenderer(format).chat(
      [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello.' },
      ],
      128,
    );
    expect(
      tokenizer.decode(
        [...ids].filter((_, i) => trained[i]),
        false,
      ),
    ).toBe('Hello.<|im_end|>\n');
  });
});
