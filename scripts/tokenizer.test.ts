import { expect, it } from 'vitest';
import { binaryDigest, sourceDigest } from './tokenizer.mjs';

it('the tokenizer’s binary was made from its source as it is (else: npm run tokenizer)', () =>
  expect(binaryDigest()).toBe(sourceDigest()));
