/**
 * For tests: one check that serves every kernel, on every backend: value and gradients against the reference ops on the
 * cpu.
 */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../base/random';
import { useReferenceKernels } from '../engine/backend/host-memory';
import { BACKENDS, openInNode, whyNotInNode } from './node-backends';

/** An operation with the shapes of its differentiable inputs. */
export interface KernelCase {
  name: string;
  shapes: readonly (readonly number[])[];
  /** Makes what `run` needs beside its inputs, on the active backend; disposed afterwards. */
  prepare?: () => { dispose(): void };
  /** Runs the op on inputs of those shapes. */
  run: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** Also compare the gradient with finite differences. */
  numeric?: boolean;
}

type Evaluated = Float32Array[];

const inputsFor = (shapes: KernelCase['shapes']): Float32Array[] =>
  shapes.map((shape, i) => {
    const random = new SeededRandom(7, `input ${i}`);
    return Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => random.normal());
  });

/** Weights of the scalar Σ w·y whose gradient is taken: every output counts, each differently. */
const outputWeights = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1));

/** The value and the gradient of every input. */
async function evaluate({ shapes, run, prepare }: KernelCase, values: readonly Float32Array[]): Promise<Evaluated> {
  const prepared = prepare?.();
  const inputs = shapes.map((shape, i) => tf.tensor(values[i] ?? [], [...shape], 'float32'));
  let output: tf.Tensor | null = null;
  const { value, grads } = tf.engine().gradients(() => {
    output = tf.keep(run(...inputs));
    return tf.sum(tf.mul(output, tf.tensor(outputWeights(output.size), output.shape)));
  }, inputs);
  const all = [output as unknown as tf.Tensor, ...grads];
  const read = await Promise.all(all.map(async (tensor) => (await tensor.data<'float32'>()).slice()));
  tf.dispose([...inputs, ...all, value]);
  prepared?.dispose();
  return read;
}

async function scalar({ shapes, run, prepare }: KernelCase, values: readonly Float32Array[]): Promise<number> {
  const prepared = prepare?.();
  const output = tf.tidy(() => run(...shapes.map((shape, i) => tf.tensor(values[i] ?? [], [...shape], 'float32'))));
  const read = await output.data<'float32'>();
  output.dispose();
  prepared?.dispose();
  return read.reduce((sum, y, i) => sum + y * Math.sin(i + 1), 0);
}

/** Central differences of a few elements of each input. */
async function checkNumerically(kernel: KernelCase, gradients: readonly Float32Array[]): Promise<void> {
  const STEP = 1e-2;
  const values = inputsFor(kernel.shapes);
  for (const [input, array] of values.entries())
    for (const at of [0, array.length >> 1, array.length - 1]) {
      const kept = array[at] ?? 0;
      array[at] = kept + STEP;
      const above = await scalar(kernel, values);
      array[at] = kept - STEP;
      const below = await scalar(kernel, values);
      array[at] = kept;
      const slope = (above - below) / (2 * STEP);
      const gradient = gradients[input]?.[at] ?? NaN;
      expect(Math.abs(gradient - slope), `gradient ${input} at ${at}: ${gradient} against ${slope}`).toBeLessThan(
        2e-3 + 1e-2 * Math.abs(slope),
      );
    }
}

/** Largest |difference| over what is allowed: 1e-5 + 1e-4·|expected|. */
function excess(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce(
    (most, value, i) => Math.max(most, Math.abs((actual[i] ?? NaN) - value) / (1e-5 + 1e-4 * Math.abs(value))),
    0,
  );
}

/** Declares the tests of an op: each backend's kernels against reference ops on the cpu, no tensor left behind. */
export function checkKernel(title: string, cases: readonly KernelCase[]): void {
  describe(title, () => {
    for (const backend of BACKENDS) {
      const missing = whyNotInNode(backend);
      describe.skipIf(missing !== null)(missing ? `${backend}: ${missing}` : backend, () => {
        for (const kernel of cases)
          it(kernel.name, async () => {
            await openInNode('cpu');
            useReferenceKernels(true);
            const expected = await evaluate(kernel, inputsFor(kernel.shapes));
            useReferenceKernels(false);
            await openInNode(backend);
            const before = tf.memory().numTensors;
            const actual = await evaluate(kernel, inputsFor(kernel.shapes));
            expect(tf.memory().numTensors).toBe(before);
            expected.forEach((values, i) =>
              expect(
                excess(actual[i] ?? new Float32Array(), values),
                i === 0 ? 'value' : `gradient of input ${i - 1}`,
              ).toBeLessThanOrEqual(1),
            );
            useReferenceKernels(true);
            const onBackend = await evaluate(kernel, inputsFor(kernel.shapes));
            useReferenceKernels(false);
            expected.forEach((values, i) =>
              expect(
                excess(onBackend[i] ?? new Float32Array(), values),
                `reference ops on ${backend}, ${i}`,
              ).toBeLessThanOrEqual(1),
            );
            if (kernel.numeric && backend === 'cpu') await checkNumerically(kernel, expected.slice(1));
          });
      });
    }
  });
}
