import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { openInNode } from '../../testing/node-backends';
import { wasmKernels, type WasmKernels } from './kernels';

/** Whole numbers from −3 to 3: sums of their products are exact in float32. */
const whole = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * 7 + seed * 5 + (i >> 3)) % 7) - 3);

describe('our WebAssembly kernels', () => {
  let kernels: WasmKernels;
  beforeAll(async () => {
    await openInNode('wasm');
    kernels = must(wasmKernels(), 'kernels on wasm');
  });

  // Odd sizes below and above few rows (8), their strip (512 columns), a tile (4 × 8) and a block (256 rows, 64
  // columns, 192 deep).
  for (const [rows, columns, depth] of [
    [1, 1, 1],
    [3, 9, 2],
    [4, 8, 512],
    [5, 7, 1027],
    [6, 530, 9],
    [258, 131, 6],
    [261, 70, 513],
  ] as const)
    for (const [transposedA, transposedB, byRows, withBias] of [
      [0, 0, 0, 1],
      [1, 0, 1, 0],
      [0, 1, 0, 0],
      [1, 1, 1, 1],
    ] as const)
      it(
        `${rows} × ${depth} × ` +
          `${columns}${transposedA ? ', Aᵀ' : ''}${transposedB ? ', Bᵀ' : ''}${withBias ? ', bias' : ''}`,
        () => {
          const [a, b, bias] = [whole(rows * depth, 1), whole(depth * columns, 2), whole(columns, 3)];
          const before = tf.memory().numTensors;
          const inputs = [tf.tensor1d(a), tf.tensor1d(b), tf.tensor1d(bias)] as const;
          const out = kernels.allocate([rows, columns]);
          const units = byRows ? Math.ceil(rows / 4) : Math.ceil(columns / 8);
          kernels.launch('gemm', units, [
            inputs[0],
            inputs[1],
            out,
            withBias ? inputs[2] : 0,
            rows,
            columns,
            depth,
            transposedA,
            transposedB,
            byRows,
          ]);
          const values = out.dataSync();
          tf.dispose([...inputs, out]);
          expect(tf.memory().numTensors).toBe(before);
          for (let i = 0; i < rows; i++)
            for (let j = 0; j < columns; j++) {
              let sum = withBias ? must(bias[j]) : 0;
              for (let k = 0; k < depth; k++)
                sum +=
                  must(a[transposedA ? k * rows + i : i * depth + k]) *
                  must(b[transposedB ? j * depth + k : k * columns + j]);
              if (values[i * columns + j] !== sum) expect(values[i * columns + j], `row ${i}, column ${j}`).toBe(sum);
            }
        },
      );

  it('writes nothing outside the units that it was given', () => {
    const [rows, columns, depth] = [9, 20, 5];
    const [a, b] = [tf.tensor1d(whole(rows * depth, 1)), tf.tensor1d(whole(depth * columns, 2))];
    const out = tf.fill([rows, columns], 99);
    kernels.launch('gemm', 1, [a, b, out, 0, rows, columns, depth, 0, 0, 0]);
    const values = out.dataSync();
    tf.dispose([a, b, out]);
    values.forEach((value, i) => expect(value === 99).toBe(i % columns >= 8));
  });

  it('sums columns', () => {
    const [rows, columns] = [131, 11];
    const matrix = whole(rows * columns, 4);
    const [input, out] = [tf.tensor1d(matrix), kernels.allocate([columns])];
    kernels.launch('columnSums', Math.ceil(columns / 4), [input, out, rows, columns]);
    const sums = out.dataSync();
    tf.dispose([input, out]);
    for (let j = 0; j < columns; j++)
      expect(sums[j]).toBe(matrix.reduce((sum, value, i) => (i % columns === j ? sum + value : sum), 0));
  });

  it('has clones share their memory, to the last of them', () => {
    const before = tf.memory();
    const tensor = tf.tensor1d([1, 2, 3]);
    const clone = tf.clone(tensor);
    expect(tf.memory().numDataBuffers - before.numDataBuffers).toBe(1);
    tensor.dispose();
    expect([...clone.dataSync()]).toEqual([1, 2, 3]);
    clone.dispose();
    expect(tf.memory()).toEqual(before);
  });
});
