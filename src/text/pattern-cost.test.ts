/** Patterns of tokenizers in use are run, those that would take for ever are not. */
import { describe, expect, it } from 'vitest';
import { whyCostly } from './pattern-cost';

const IN_USE = [
  // GPT-2, Llama 3, Qwen 2, GPT-4o, DeepSeek, BLOOM, XLM-RoBERTa.
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| " +
    '?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| " +
    '?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| " +
    '?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ' +
    '?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  ' ?[^\\s.,!?…。，、।۔،]+',
  ' {2,}',
  '\\d{1,3}(?=(?:\\d{3})*\\b)',
];

describe('whyCostly', () => {
  it.each(IN_USE)('lets %j be run', (pattern) => expect(whyCostly(pattern)).toBeNull());

  it.each([
    '(a+)+',
    '(a*)*b',
    '(?:a|a)*b',
    '(a|ab)+',
    '((a)+)+',
    '(?:\\s*,?)*',
    '(?:a{1,3})+',
    '(?<x>a+)*',
    '(?i:a+)+',
    '.*.*.*x',
    'a+a+a+$',
    '\\1',
    '(a)\\1',
    '(?=(a+)+$)',
    '(?<!(a+)+)b',
    '[(]+(x+)+',
    '\\((a+)+',
  ])('refuses %j', (pattern) => expect(whyCostly(pattern)).not.toBeNull());

  it('is not misled by brackets in classes and by escapes', () => {
    expect(whyCostly('[(a+)+]')).toBeNull();
    expect(whyCostly('\\(a+\\)+')).toBeNull();
    expect(whyCostly('[\\](a+)+]')).toBeNull();
    expect(whyCostly('[\\]](a+)+')).not.toBeNull();
    expect(whyCostly('\\[(a+)+\\]')).not.toBeNull();
  });

  it('comes to an end itself, whatever it is given', () => {
    expect(whyCostly('('.repeat(8000))).toContain('nested');
    expect(whyCostly('a'.repeat(9000))).toContain('9000');
    for (const odd of ['(', ')', '[', '\\', 'a)b', '(?', '{', 'a{', '*', '||', '']) expect(whyCostly(odd)).toBeNull();
  });
});
