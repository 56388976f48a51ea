/** The files of a model that say how it converses. */
import { describe, expect, it } from 'vitest';
import { CHAT_FILES, readChatFiles } from './chat-files';
import { memoryFile } from './folder';
import type { FolderFile } from './folder';

const file = (path: string, text: string): FolderFile => memoryFile(path, new TextEncoder().encode(text));

describe('what is read', () => {
  it('is everything that is there; the special tokens map wins over an old configuration', async () => {
    const files = [
      file('special_tokens_map.json', '{"eos_token": "</s>", "pad_token": "<pad>"}'),
      file('tokenizer_config.json', '{"eos_token": "<end>", "chat_template": "t"}'),
      file('generation_config.json', '{"eos_token_id": [1, 2]}'),
      file('chat_template.jinja', '\ufeff{{ messages }}'),
      file('config.json', 'never read'),
    ];
    expect(await readChatFiles(files)).toEqual({
      settings: { eos_token: '</s>', pad_token: '<pad>', chat_template: 't' },
      generationConfig: { eos_token_id: [1, 2] },
      jinja: '{{ messages }}',
    });
  });

  it('is the tokenizer’s configuration alone where that holds its added tokens', async () => {
    const files = [
      file('special_tokens_map.json', '{"eos_token": "</s>"}'),
      file('tokenizer_config.json', '{"eos_token": "<end>", "added_tokens_decoder": {}}'),
    ];
    expect((await readChatFiles(files)).settings).toEqual({ eos_token: '<end>', added_tokens_decoder: {} });
  });

  it('may be nothing', async () => {
    expect(await readChatFiles([])).toEqual({ settings: {}, generationConfig: null, jinja: null });
  });
});

describe('what cannot be read is named', () => {
  it.each(CHAT_FILES)('%s that is too large is not even opened', async (path) => {
    const huge: FolderFile = { path, size: 1e9, bytes: () => Promise.reject(new Error('opened')) };
    await expect(readChatFiles([huge])).rejects.toMatchObject({ code: 'bad-model', place: { file: path } });
  });

  it('no JSON, no object, no UTF-8', async () => {
    await expect(readChatFiles([file('tokenizer_config.json', '{')])).rejects.toMatchObject({
      code: 'bad-model',
      place: { file: 'tokenizer_config.json' },
    });
    await expect(readChatFiles([file('generation_config.json', '[]')])).rejects.toMatchObject({
      code: 'bad-model',
      place: { file: 'generation_config.json' },
    });
    await expect(readChatFiles([memoryFile('chat_template.jinja', Uint8Array.of(0xff, 0xfe))])).rejects.toMatchObject({
      code: 'bad-model',
      place: { file: 'chat_template.jinja' },
    });
  });
});
