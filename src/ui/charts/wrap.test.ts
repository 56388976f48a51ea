/** Names in lines: between words where it can be, never wider than told. */
import { describe, expect, it } from 'vitest';
import { lettersOf, wrap } from './wrap';

describe('wrap', () => {
  it('leaves short names whole and breaks long ones between words', () => {
    expect(wrap('refund', 10, 2)).toEqual(['refund']);
    expect(wrap('change delivery address', 16, 2)).toEqual(['change delivery', 'address']);
    expect(wrap('', 10, 2)).toEqual([]);
  });

  it('breaks what has no spaces, and says that something is left', () => {
    expect(wrap('change_delivery_address', 12, 2)).toEqual(['change_deliv', 'ery_address']);
    expect(wrap('Always the most frequent label', 10, 2)).toEqual(['Always the', 'most freq…']);
  });

  it('counts wide signs twice and never exceeds the width', () => {
    expect(lettersOf('退款abc')).toBe(7);
    for (const text of ['退款申请处理进度查询服务', 'a b c d e f g h i j k l m n o p', '🎵🎵🎵🎵🎵🎵🎵🎵 music'])
      for (const line of wrap(text, 8, 3)) expect(lettersOf(line)).toBeLessThanOrEqual(8);
  });
});
