/** Measures every matrix product kernel over the products that training and writing consist of. */
import { openBackend } from '../src/engine/backend/backends';
import { must } from '../src/base/assert';
import { gpuAdapter } from '../src/engine/backend/gpu-device';
import { gpuKernels } from '../src/engine/backend/gpu-run';
import { ANY_SHAPE } from '../src/engine/kernels/matmul/any-shape';
import { chooseKernel, KERNELS, runsOn } from '../src/engine/kernels/matmul/choice';
import { PLAIN, type Kernel, type Layout } from '../src/engine/kernels/matmul/layout';
import type { Operands } from '../src/engine/kernels/matmul/operands';
import { flopsOf, ProductTimer, type Measuring } from '../src/engine/kernels/matmul/measure';
import type { Shape } from '../src/engine/kernels/matmul/passes';

export interface NamedShape extends Shape {
  name: string;
}

export interface KernelRate {
  kernel: string;
  /** GFLOP/s, or null where it failed for the reason in `error`. */
  rate: number | null;
  error: string | null;
}

export interface ShapeRates {
  name: string;
  layout: Layout;
  sizes: { m: number; n: number; k: number };
  operands: Partial<Operands>;
  default: string;
  /** The fastest first. */
  kernels: KernelRate[];
}

export interface MatmulReport {
  device: string;
  timestamps: boolean;
  seconds: number;
  shapes: ShapeRates[];
  /** Shapes that the time did not suffice for. */
  leftOut: string[];
}

/** A linear layer in training: [tokens, inputs] → [tokens, outputs], `parts` of them on one input. */
function layer(
  model: string,
  what: string,
  tokens: number,
  inputs: number,
  outputs: number,
  parts = 1,
  frozen: Operands['packed'] | false = false,
): NamedShape[] {
  const named = (
    pass: string,
    layout: Layout,
    m: number,
    n: number,
    k: number,
    more: Partial<Operands> = {},
  ): NamedShape => ({
    name: `${model} ${what}, ${pass}`,
    layout,
    sizes: { m, n, k },
    operands: { ...PLAIN, parts, packed: frozen || null, ...more },
  });
  const [forward, input] = [
    named('forward', 'NT', tokens, outputs, inputs),
    named('input gradient', 'NN', tokens, inputs, outputs),
  ];
  return frozen === false
    ? [forward, input, named('weight gradient', 'TN', outputs, inputs, tokens, { columnSums: true })]
    : [forward, input];
}

const miniLm = (batch: number, length: number): NamedShape[] => {
  const [model, tokens] = [`MiniLM ${batch} × ${length}`, batch * length];
  return [
    ...layer(model, 'query, key, value', tokens, 384, 384, 3),
    ...layer(model, 'output', tokens, 384, 384),
    ...layer(model, 'up', tokens, 384, 1536),
    ...layer(model, 'down', tokens, 1536, 384),
  ];
};

/** One block of SmolLM2-135M with adapters of rank 16, its base as floats and in 4 bits, and as it writes one token. */
function smolLm(tokens: number): NamedShape[] {
  const model = `SmolLM2 ${tokens}`;
  const write = (what: string, inputs: number, outputs: number, packed: Operands['packed']): NamedShape[] =>
    layer('SmolLM2 1', what, 1, inputs, outputs, 1, packed).slice(0, 1);
  return [
    ...layer(model, 'query', tokens, 576, 576, 1, null),
    ...layer(model, 'key', tokens, 576, 192, 1, null),
    ...layer(model, 'gate', tokens, 576, 1536, 1, null),
    ...layer(model, 'down', tokens, 1536, 576, 1, null),
    ...layer(model, 'gate, 4 bits', tokens, 576, 1536, 1, 4),
    ...layer(model, 'adapter A', tokens, 576, 16),
    ...layer(model, 'adapter B', tokens, 16, 576),
    ...write('query', 576, 576, null),
    ...write('gate', 576, 1536, null),
    ...write('gate, 4 bits', 576, 1536, 4),
    ...write('vocabulary', 576, 49152, null),
  ];
}

/** The products that `--quick` measures: one of each kind, small. */
const QUICK: readonly NamedShape[] = [
  ...layer('quick', 'layer', 64, 64, 64, 3),
  ...layer('quick', 'packed layer', 8, 64, 96, 1, 4),
];

const shapes = (quick: boolean): readonly NamedShape[] =>
  quick ? QUICK : [...miniLm(8, 32), ...miniLm(16, 128), ...smolLm(256)];

const MEASURING: Measuring = { batchMs: 3, batches: 3 };

/** With `--quick`, those that a software adapter compiles in a moment. */
const kernels = (quick: boolean): readonly Kernel[] =>
  quick ? KERNELS.filter(({ barrierFree, workgroupBytes }) => barrierFree || workgroupBytes < 6000) : KERNELS;

/** Throws when a kernel's values are not those of another. */
function checkEqual(values: Float32Array, expected: Float32Array): void {
  expected.forEach((value, i) => {
    const found = values[i] ?? NaN;
    if (!(Math.abs(found - value) <= 1e-3 * Math.abs(value) + 1e-6))
      throw new Error(`value ${i} is ${found} and should be ${value}`);
  });
}

/** Every kernel that can compute the product, held against the plainest one. */
async function rates(
  timer: ProductTimer,
  shape: NamedShape,
  offered: readonly Kernel[],
  isLate: () => boolean,
  print: (line: string) => void,
): Promise<KernelRate[]> {
  const found: KernelRate[] = [];
  const adapter = must(gpuAdapter(), 'adapter');
  await timer.measure(ANY_SHAPE, shape, { batchMs: 0, batches: 1 });
  const expected = await timer.result(shape);
  for (const kernel of offered.filter((kernel) => runsOn(kernel, adapter) && kernel.fits(shape.layout, shape.sizes))) {
    if (isLate()) break;
    try {
      const ms = await timer.measure(kernel, shape, MEASURING);
      checkEqual(await timer.result(shape), expected);
      found.push({ kernel: kernel.name, rate: flopsOf(shape) / (1e6 * ms), error: null });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      print(`  ${kernel.name} FAILED: ${error}`);
      found.push({ kernel: kernel.name, rate: null, error });
    }
  }
  return found.sort((a, b) => (b.rate ?? -1) - (a.rate ?? -1));
}

const inWords = (rate: number | null | undefined): string => (rate ? rate.toPrecision(3) : '–');

/** @param limitSeconds kernels that have not begun by then are left out */
export async function measureMatmul(
  quick: boolean,
  limitSeconds: number,
  print: (line: string) => void,
): Promise<MatmulReport> {
  const { name } = await openBackend('webgpu', { wasmPath: '' });
  const { device } = must(gpuKernels(), 'WebGPU');
  const timer = new ProductTimer(device, () => performance.now());
  const timestamps = device.features.has('timestamp-query');
  print(`${name}; ${KERNELS.length} kernels; times from ${timestamps ? 'timestamp queries' : 'the wall clock'}`);
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const all: ShapeRates[] = [];
  const leftOut: string[] = [];
  for (const shape of shapes(quick)) {
    if (seconds() > limitSeconds) {
      leftOut.push(shape.name);
      continue;
    }
    const found = await rates(timer, shape, kernels(quick), () => seconds() > limitSeconds, print);
    const { layout, sizes, operands } = shape;
    const chosen = chooseKernel(shape).name;
    const place = found.findIndex(({ kernel }) => kernel === chosen);
    print(
      `[${seconds().toFixed(1)} s] ${shape.name}: ${layout} ${sizes.m} × ${sizes.n} × ` +
        `${sizes.k}${operands.parts > 1 ? ` × ${operands.parts}` : ''}: best ${inWords(found[0]?.rate)} ` +
        `GFLOP/s (${found[0]?.kernel ?? 'none'}); default ${inWords(found[place]?.rate)} (${chosen}, place ` +
        `${place + 1} of ${found.length})`,
    );
    all.push({
      name: shape.name,
      layout,
      sizes,
      operands: { parts: operands.parts, packed: operands.packed, columnSums: operands.columnSums },
      default: chosen,
      kernels: found,
    });
  }
  timer.dispose();
  return { device: name, timestamps, seconds: seconds(), shapes: all, leftOut };
}

/** The report as Markdown: a line a product. */
export function matmulTable({ device, timestamps, seconds, shapes, leftOut }: MatmulReport): string {
  const line = ({
    name,
    layout,
    sizes: { m, n, k },
    operands: { parts = 1 },
    kernels,
    default: chosen,
  }: ShapeRates): string => {
    const place = kernels.findIndex(({ kernel }) => kernel === chosen);
    const [best, usual] = [kernels[0], kernels[place]];
    const gain = best?.rate && usual?.rate ? (best.rate / usual.rate).toFixed(2) : '–';
    return (
      `| ${name} | ${layout} | ${m} × ${n} × ${k}${parts > 1 ? `, ${parts} at once` : ''} | ` +
      `${best?.kernel ?? '–'} | ${inWords(best?.rate)} | ${chosen} | ${inWords(usual?.rate)} | ${place + 1} ` +
      `of ${kernels.length} | ${gain} |`
    );
  };
  const failures = [
    ...new Set(
      shapes.flatMap(({ kernels }) =>
        kernels.filter(({ error }) => error).map(({ kernel, error }) => `- ${kernel}: ${error?.split('\n')[0] ?? ''}`),
      ),
    ),
  ];
  return [
    `${device}; times from ${timestamps ? 'timestamp queries' : 'the wall clock'}; ${seconds.toFixed(0)} s in all.`,
    '',
    '| product | layout | m × n × k | best kernel | GFLOP/s | default | GFLOP/s | its place | best ÷ default |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...shapes.map(line),
    ...(leftOut.length ? ['', `Left out for lack of time: ${leftOut.join('; ')}.`] : []),
    ...(failures.length ? ['', 'Failed:', '', ...failures] : []),
    '',
  ].join('\n');
}
