/** What people type and paste as the name of a model. */
import { expect, it } from 'vitest';
import { parseHubName } from './hub-id';

it.each([
  ['owner/name', 'owner/name', null],
  ['  bert-base-uncased ', 'bert-base-uncased', null],
  ['owner/name@v1.0', 'owner/name', 'v1.0'],
  ['https://huggingface.co/owner/name', 'owner/name', null],
  ['huggingface.co/owner/name/', 'owner/name', null],
  ['https://hf.co/owner/name/tree/refs%2Fpr%2F1', 'owner/name', 'refs/pr/1'],
  ['https://huggingface.co/owner/name/tree/dev/', 'owner/name', 'dev'],
  ['https://huggingface.co/owner/name/blob/main/config.json', 'owner/name', 'main'],
  ['https://huggingface.co/bert-base-uncased/resolve/abc/model.safetensors?download=true', 'bert-base-uncased', 'abc'],
  ['https://huggingface.co/owner/name?library=transformers#x', 'owner/name', null],
])('%s', (typed, id, revision) => expect(parseHubName(typed)).toEqual({ id, revision }));

it.each([
  '',
  '/',
  'a/b/c',
  '../secret',
  'owner/..',
  'a b',
  'https://huggingface.co/datasets/owner/name',
  'https://huggingface.co/',
  'owner/name@',
  'x'.repeat(200),
])('refuses %j', (typed) => expect(() => parseHubName(typed)).toThrow(expect.objectContaining({ code: 'not-found' })));
