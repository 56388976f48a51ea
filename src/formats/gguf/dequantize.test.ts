/**
 * Blocks of every quantization against the values that the `gguf` Python package (0.19.0, `gguf.quants.dequantize`)
 * gives, bit for bit.
 */
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../base/bytes';
import { dequantize } from './dequantize';
import { GGUF_TYPES } from './types';
import type { GgufType } from './types';

/**
 * Type, packed blocks (base64; random bits with plausible scales), the first four values, SHA-256 of all values as
 * little-endian f32.
 */
const GOLDEN: [GgufType, string, number[], string][] = [
  [
    'Q4_0',
    'FKHl8alBBqCVaiavvM2v5WL57RBfVpPGQidq1astpzlFUTcO',
    [0.029754638671875, 0.069427490234375, -0.009918212890625, 0.069427490234375],
    'f0a76ada6ded9e757b5656a14b19e67b2b6357324114575aa582325eabd4223d',
  ],
  [
    'Q4_1',
    'URTEoN0G8n+PBjzSXhmmIfm9DMzLjB8fx5XKd0jcA9F6iJNNhVJzVw==',
    [0.004391670227050781, -0.0029850006103515625, -0.0072002410888671875, 0.006499290466308594],
    'eba3ab8351c462ddcec21813e34836452fa6700e185688f2232433c983fa6f5f',
  ],
  [
    'Q5_0',
    '0ZhGR2sja4JIG9n+Yw3Dzjvk68q3L32iUiNHn255TVcDfiz96eFad4l4Hjc=',
    [0.011758804321289062, -0.004703521728515625, -0.0188140869140625, 0.011758804321289062],
    'ed28eee2ed6ebbb8e26d117872e882e4817913b477028c77831e957479567352',
  ],
  [
    'Q5_1',
    'pBTWo4/IPwsLtNtxvlciCYUdPST0wM+D5JwDoS9HWXeJVfbO1oHL6nF5ztLI+BSh',
    [0.015285491943359375, 0.007354736328125, 0.015285491943359375, 0.003955841064453125],
    'bc5626de493b2f126ebd131e39e3c7766fb40efc7f37ebdaaa7eccc15df71f72',
  ],
  [
    'Q8_0',
    'RqIR+F4EKbGffsDhVvZaMyLnkbiA7plePw0wfS+69ABpOj0SDQJ+1OWL56nrwoonHUOniFVjgUTrZgP3snJd4R/mrC8=',
    [-0.2082977294921875, 0.0980224609375, -1.151763916015625, -0.04901123046875],
    '2fca3a23e0a44cea99c086209cba218264b26359d8ffe98429681602dd0ecd94',
  ],
  [
    'Q4_K',
    'NxUUonT+xwpos+S9ySs4eYdBbBfskJY+x2aIirS4Drp8XP2BEhvqnO4YEN/VFp+vJs17XDDIq6RNlyKZ6Me0G5odKw8YBgCpdNY7YzIgLJmOgrJSLEnEOUx9cyZbaq9hsoj70K7Pp2ZhYiNhHnZMk6o4j/q9CmpkErIJlx4tgnB29+SauPoZcnG+U6NEKxKM',
    [0.9382820129394531, 0.5410575866699219, 1.2693023681640625, 0.9382820129394531],
    'f958b5b2b76df67b468cf9c5925c5779380ef513487147f90bc5c00ad9cd2c19',
  ],
  [
    'Q5_K',
    'jYeLnBCXpVtVEFQ9J+1gDeMgCmdJMH/TeJnBGIGa9mdDlMP3ql+T8yyBCjfKe/EBPM34q4q0pgOZVOhMvjs/fxGDw9+DdcUXtOeGqarfdIj4krEhkTh62GrKVthTHJJ7kx/o8W55W5szF2fnEtvo9TMd2ZF/AeZHEN08JfTSFpCgSUUxNVUOwBk6i+0Xg9U+yURljR0olgxEsDguk0OOYHiNUeJ5oTH4Ews+pL0vXZU=',
    [0.0415496826171875, 0.06920146942138672, 0.07841873168945312, 0.04339313507080078],
    '2656e46b65bad121cc694bd7433371f4d2256c36e35260150e22ae0dfa14b55d',
  ],
  [
    'Q6_K',
    '5XvXkVmkmzZAKk89zEiftlEfvgnl1yv4NOBP4CjKSZHgKr13J5/twgbSMYyouCh6b0t5UglXXXJ31FbA9ugaDlhNcwZg9Wu4tYhHX3Bmwc1xCcUHmpM+6FfbdR/yI3Jq2QaX90n3xhvYAWOoyaNWupHXn20k7joU69QThtj6726ebHDfQduprrUwHlgkt9sOUE8dlwaGk0do8AWvDVoj3bRl/FpIm0PnbqPjhJab5IekQOfD6lIEyrv5v+jmSMr/dwSsJtInoGnDkvTus2HCTsgN',
    [0.20995140075683594, -0.8817958831787109, -1.0497570037841797, 0.7138347625732422],
    '5dc9b0fbfe1a9b249ca281e23b21058e8981a2ade911715946ad45b3292b2d49',
  ],
  [
    'BF16',
    'W794P0U+tj0Xv/K9/7+Qvw==',
    [-0.85546875, 0.96875, 0.1923828125, 0.0888671875],
    '9e1523e32b23225e1d3f978dbc0328ccbb96df4013e67798e6b5e19ac35acd27',
  ],
];

const packed = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

describe('values of packed blocks', () => {
  it.each(GOLDEN)('%s', async (type, blocks, first, hash) => {
    const values = dequantize(type, packed(blocks));
    expect(values).toHaveLength((packed(blocks).length / GGUF_TYPES[type].blockBytes) * GGUF_TYPES[type].blockValues);
    expect([...values.subarray(0, 4)]).toEqual(first);
    expect(await sha256Hex(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength))).toBe(
      hash,
    );
  });

  it('does not depend on where the bytes lie', () => {
    for (const [type, blocks] of GOLDEN) {
      const bytes = packed(blocks);
      const moved = new Uint8Array(bytes.length + 1);
      moved.set(bytes, 1);
      expect(dequantize(type, moved.subarray(1)), type).toEqual(dequantize(type, bytes));
    }
  });

  it('F32 and F16 are read as they are', () => {
    expect([...dequantize('F32', new Uint8Array(new Float32Array([1.5, -2]).buffer))]).toEqual([1.5, -2]);
    expect([...dequantize('F16', new Uint8Array([0x00, 0x3c, 0x00, 0xc0]))]).toEqual([1, -2]);
  });
});
