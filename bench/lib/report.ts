/** Rows from what was measured, and the readable table. Pure functions. */
import { must } from '../../src/base/assert';
import type { Counts } from './counters';
import { median } from './timing';
import { bytesMoved, floatingPointOperations, type Backend, type Contender, type Work } from './work';

/** One timed round of a contender: `steps` steps together. */
export interface Round {
  steps: number;
  ms: number;
  counts: Counts;
}

/** What bounds a backend here: the best matmul rate and who reached it, and the rate of copies. */
export interface Bound {
  gflops: number;
  by: string;
  copyGigabytes: number;
}

export interface Row {
  id: string;
  label: string;
  backend: Backend;
  device: string | null;
  /** Milliseconds a step of each round. */
  milliseconds: number[];
  median: number;
  least: number;
  tokensPerSecond: number;
  /** Its median over that of ours on the same backend; null without ours. */
  ratioToOurs: number | null;
  /** A step; null where no GPU takes part. */
  dispatches: number | null;
  submits: number | null;
  javascriptMs: number | null;
  peakBytes: number;
  /** Share of the time that the bound would take; null when no bound was measured. */
  boundShare: number | null;
  losses: number[];
  learnsTheSame: string;
  note: string | null;
}

/** A contender without a result, and why. */
export interface Missing {
  id: string;
  label: string;
  reason: string;
}

export interface WorkReport {
  work: Work;
  gflop: number;
  megabytes: number;
  rows: (Row | Missing)[];
}

export interface Report {
  date: string;
  adapter: string | null;
  browser: string;
  cores: number;
  isolated: boolean;
  rounds: number;
  bounds: Partial<Record<Backend, Bound>>;
  works: WorkReport[];
  leftOut: readonly string[];
}

/**
 * Largest difference of first losses, and of later ones as a share, at which two libraries are said to learn the same.
 */
const SAME_START = 1e-3;
const SAME_LATER = 0.02;

/** Compares a contender's losses with ours: the first, the direction, and the last step that both took. */
export function learnsTheSame(
  losses: readonly number[],
  ours: readonly number[] | null,
  { kind }: Pick<Work, 'kind'>,
  different: boolean,
): string {
  const [first = NaN] = losses;
  if (!losses.every(Number.isFinite)) return 'NO: a loss is not finite';
  const parts: string[] = [];
  if (ours) {
    const apart = Math.abs(first - (ours[0] ?? NaN));
    parts.push(apart <= SAME_START ? 'same start' : `NO: starts ${apart.toPrecision(2)} apart`);
  }
  if (kind === 'forward') return parts.join(', ') || 'reference';
  const last = must(losses.at(-1));
  parts.push(
    last < first
      ? `falls ${first.toFixed(4)} → ${last.toFixed(4)}`
      : `NO: does not fall (${first.toFixed(4)} → ${last.toFixed(4)})`,
  );
  const common = Math.min(losses.length, ours?.length ?? 0) - 1;
  if (ours && common > 0 && !different) {
    const share = Math.abs(must(losses[common]) - must(ours[common])) / Math.max(must(ours[common]), 0.05);
    parts.push(
      share <= SAME_LATER
        ? `same at step ${common + 1}`
        : `NO: ${(100 * share).toFixed(0)} % apart at step ${common + 1}`,
    );
  }
  return parts.join(', ');
}

/** Milliseconds that the work takes at the measured rates. */
export const boundMs = (work: Work, { gflops, copyGigabytes }: Bound): number =>
  floatingPointOperations(work) / (gflops * 1e6) + bytesMoved(work) / (copyGigabytes * 1e6);

export interface Measured {
  contender: Contender;
  device: string | null;
  rounds: readonly Round[];
  losses: number[];
}

export function rowOf(
  { contender, device, rounds, losses }: Measured,
  work: Work,
  ours: Measured | null,
  bound: Bound | null,
): Row {
  const { id, label, backend } = contender;
  const a = (pick: (round: Round) => number): number => median(rounds.map((round) => pick(round) / round.steps));
  const ms = a((round) => round.ms);
  const gpu = backend === 'webgpu';
  const isOurs = ours?.contender.id === id;
  const note = contender.notes[work.name] ?? null;
  return {
    id,
    label,
    backend,
    device,
    milliseconds: rounds.map((round) => round.ms / round.steps),
    median: ms,
    least: Math.min(...rounds.map((round) => round.ms / round.steps)),
    tokensPerSecond: (work.batch * work.length * 1000) / ms,
    ratioToOurs: ours && ms / median(ours.rounds.map((round) => round.ms / round.steps)),
    dispatches: gpu ? a((round) => round.counts.dispatches) : null,
    submits: gpu ? a((round) => round.counts.submits) : null,
    javascriptMs: gpu ? a((round) => round.ms - round.counts.idleMs) : null,
    peakBytes: Math.max(...rounds.map((round) => round.counts.peakBytes)),
    boundShare: bound && boundMs(work, bound) / ms,
    losses,
    learnsTheSame: learnsTheSame(losses, isOurs || !ours ? null : ours.losses, work, note !== null),
    note,
  };
}

const digits = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-GB') : value.toPrecision(value >= 1 ? 3 : 2);
const shown = (value: number | null): string => (value === null ? '–' : digits(value));

const COLUMNS = [
  '',
  'ms a step, median',
  'least',
  'tokens/s',
  'ratio to ours',
  'dispatches',
  'submits',
  'JavaScript ms',
  'peak MB',
  'of the bound',
  'learns the same',
];

function cells(row: Row): string[] {
  const name = [row.label, row.device, row.note].filter(Boolean).join('; ');
  return [
    name,
    digits(row.median),
    digits(row.least),
    digits(row.tokensPerSecond),
    row.ratioToOurs === null ? '–' : `${row.ratioToOurs.toFixed(2)} ×`,
    shown(row.dispatches),
    shown(row.submits),
    shown(row.javascriptMs),
    digits(row.peakBytes / 2 ** 20),
    row.boundShare === null ? '–' : `${Math.round(100 * row.boundShare)} %`,
    row.learnsTheSame,
  ];
}

const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;

function workSection({ work, gflop, megabytes, rows }: WorkReport): string {
  const table = rows.filter((row) => 'median' in row).map(cells);
  const missing = rows.filter((row) => 'reason' in row).map(({ label, reason }) => `- ${label}: no result, ${reason}`);
  return [
    `## ${work.title}`,
    '',
    `${digits(gflop)} GFLOP and at least ${digits(megabytes)} MB moved a step.`,
    '',
    ...(table.length > 0 ? [line(COLUMNS), line(COLUMNS.map(() => '---')), ...table.map(line), ''] : []),
    ...(missing.length > 0 ? [...missing, ''] : []),
  ].join('\n');
}

const boundLine = (backend: Backend, { gflops, by, copyGigabytes }: Bound): string =>
  `- ${backend}: matmul ${digits(gflops)} GFLOP/s (1024³, best of all: ${by}), copies ${digits(copyGigabytes)} GB/s`;

/** The report as Markdown. */
export function markdown(report: Report): string {
  const { bounds } = report;
  return [
    '# Speed beside other libraries',
    '',
    `${report.date}; ${report.adapter ?? 'no WebGPU adapter'}; ${report.cores} cores; ${report.browser}; ` +
      `${report.isolated ? '' : 'not '}cross-origin isolated.`,
    `Contenders took turns in one run, ${report.rounds} rounds after warm-up. Ratios count; single times ` +
      'depend on what else the machine does.',
    '',
    'The bound of a step is FLOPs ÷ matmul rate + bytes ÷ copy rate, both measured in this run:',
    '',
    ...Object.entries(bounds).map(([backend, bound]) => boundLine(backend as Backend, bound)),
    '',
    ...report.works.map(workSection),
    ...(report.leftOut.length > 0 ? ['## Left out', '', ...report.leftOut.map((reason) => `- ${reason}`), ''] : []),
  ].join('\n');
}
