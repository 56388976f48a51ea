import * as tf from '@tensorflow/tfjs-core';
import type { PackedType } from '../../../formats/tensor';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { linear } from '../linear/op';
import { packedMatrix, type PackedMatrix } from '../packed/matrix';
import { randomBlocks } from '../../../testing/random-blocks';

/** The gradient of x is the product with the matrix as it lies: both directions are checked. */
function sized(type: PackedType, rows: number, inputs: number, out: number, withBias = false): KernelCase {
  let matrix: PackedMatrix;
  return {
    name: `${type}: ${rows} × ${inputs} → ${out}${withBias ? ', bias' : ''}`,
    shapes: [[rows, inputs]],
    prepare: () => (matrix = packedMatrix(randomBlocks(type, out, inputs), 'w')),
    run: (x) => linear(x as tf.Tensor2D, matrix, withBias ? tf.linspace(-1, 1, out) : null, { frozen: true }),
    numeric: rows < 4,
  };
}

checkKernel('products with packed weights', [
  sized('Q8_0', 1, 32, 1),
  sized('Q4_0', 3, 64, 7),
  sized('Q4_1', 33, 96, 50, true),
  // Beyond few rows (8), and beyond a block of the wasm product in rows (256), columns (64) and depth (192), with
  // edges.
  sized('Q8_0', 261, 32, 9, true),
  sized('Q4_1', 9, 544, 75),
  sized('Q4_0', 2, 64, 523),
  sized('F16', 3, 96, 50, true),
  sized('F16', 9, 544, 75),
  // Deeper than eight unpacked rows have room in scratch memory.
  sized('Q4_1', 1, 8192, 11),
  sized('F16', 2, 8192, 11),
]);
