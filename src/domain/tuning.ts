/** Which kernels compute matrix products: what was measured on an adapter, and what was chosen for that. */

/** Products of one kind and about one size, of which all kernels that can compute them were timed. */
export interface MeasuredProduct {
  /** Layout and sizes in words, which is its name. */
  product: string;
  /** The kernel that is taken from now on, and its GFLOP/s. */
  kernel: string;
  rate: number;
  /** The kernel that would be taken without a measurement. */
  usual: string;
  usualRate: number;
}

/** What was measured on one adapter. */
export interface AdapterTuning {
  /** The adapter and the version of the kernels. */
  adapter: string;
  /** Runs whose products were measured: model, method and sizes of batches in words. */
  workloads: string[];
  products: MeasuredProduct[];
}

/** What a person's browser keeps of it. */
export interface TuningSettings {
  known: AdapterTuning[];
  /** Whether to measure on adapters that run on the CPU too. */
  software: boolean;
}

/** Kernels by product; products that are not named get the usual one. */
export type KernelChoices = Readonly<Record<string, string>>;

export const choicesOf = (tuning: AdapterTuning | null): KernelChoices =>
  Object.fromEntries((tuning?.products ?? []).map(({ product, kernel }) => [product, kernel]));

/** Adapters that are remembered: the newest. */
const MOST_ADAPTERS = 4;

/** All that is known once an adapter's tuning has changed. */
export const withTuning = (known: readonly AdapterTuning[], tuning: AdapterTuning): AdapterTuning[] =>
  [...known.filter(({ adapter }) => adapter !== tuning.adapter), tuning].slice(-MOST_ADAPTERS);

/** One adapter's tuning after a further measurement: newer figures replace older ones. */
export function merged(known: AdapterTuning | null, { adapter, workloads, products }: AdapterTuning): AdapterTuning {
  const fresh = new Set(products.map(({ product }) => product));
  return {
    adapter,
    workloads: [...new Set([...(known?.workloads ?? []), ...workloads])],
    products: [...(known?.products.filter(({ product }) => !fresh.has(product)) ?? []), ...products],
  };
}
