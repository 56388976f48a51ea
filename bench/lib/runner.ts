/**
 * Takes the contenders through the work in turns, from outside the browser, so that a page that dies costs only its own
 * rows.
 */
import { must } from '../../src/base/assert';
import type { Page } from '@playwright/test';
import type { OpenOptions, Ran, Rates, Started } from './contract';
import { rowOf, type Bound, type Measured, type Missing, type Report, type WorkReport } from './report';
import { median } from './timing';
import {
  bytesMoved,
  CONTENDERS,
  floatingPointOperations,
  LEFT_OUT,
  WORKS,
  type Backend,
  type Contender,
  type Library,
  type Work,
} from './work';

export interface BenchOptions {
  /** Names of work; empty for all. */
  only: readonly string[];
  backends: readonly Backend[];
  rounds: number;
  /** Longest wait for a start or a round. */
  limitMs: number;
  date: string;
  baseUrl: string;
  log: (line: string) => void;
  /** Called after each piece of work with everything so far, so that a run which is broken off leaves something. */
  save: (report: Report) => void;
}

/** A round lasts at least this long where steps are short. */
const ROUND_MS = 300;
const MOST_STEPS = 20;
/** A first step longer than this has warmed up enough. */
const LONG_MS = 15_000;

const because = (error: unknown): string =>
  must(
    (error instanceof Error ? error.message : String(error)).replace(/^page\.evaluate: (Error: )?/, '').split('\n')[0],
  );

/** A contender that has been warmed up. */
interface Running extends Measured {
  rounds: { steps: number; ms: number; counts: Ran['counts'] }[];
  burst: number;
}

class Run {
  private readonly newPage: () => Promise<Page>;
  private readonly options: BenchOptions;
  private readonly bounds: Partial<Record<Backend, Bound>> = {};
  /** Median milliseconds and FLOPs of the latest work by contender and kind. */
  private readonly known = new Map<string, { ms: number; flops: number }>();

  constructor(newPage: () => Promise<Page>, options: BenchOptions) {
    this.newPage = newPage;
    this.options = options;
  }

  async report(): Promise<Report> {
    const { only, backends, rounds, date, log, save } = this.options;
    const works = WORKS.filter(({ name }) => only.length === 0 || only.includes(name));
    const page = await this.newPage();
    const about = await page.evaluate(() => window.bench.about());
    const browser = /(?:Headless)?Chrom\w*\/[\d.]+|Firefox\/[\d.]+/.exec(about.userAgent)?.[0] ?? about.userAgent;
    log(
      `${about.adapter ?? 'no WebGPU adapter'}, ${about.cores} cores, ` +
        `${browser}${about.isolated ? '' : ', NOT cross-origin isolated'}`,
    );
    for (const backend of backends) await this.measureBound(page, backend);
    await page.close();
    const results: WorkReport[] = [];
    const report = {
      date,
      adapter: about.adapter,
      browser,
      cores: about.cores,
      isolated: about.isolated,
      rounds,
      bounds: this.bounds,
      works: results,
      leftOut: LEFT_OUT,
    };
    for (const work of works) {
      results.push(await this.measure(work));
      save(report);
    }
    return report;
  }

  private place(backend: Backend): OpenOptions {
    return { backend, baseUrl: this.options.baseUrl };
  }

  private async measureBound(page: Page, backend: Backend): Promise<void> {
    const { limitMs, log } = this.options;
    const rates = (library: Library | null): Promise<Rates> =>
      page.evaluate(
        ([library, options, limitMs]) => window.bench.start('rates', { library, options }, limitMs) as Promise<Rates>,
        [library, this.place(backend), limitMs] as const,
      );
    let best: { gflops: number; by: string } = { gflops: 0, by: 'none' };
    let copyGigabytes: number | null = null;
    const libraries = CONTENDERS.filter((contender) => contender.backend === backend).map(({ library }) => library);
    for (const library of [null, ...libraries]) {
      const by = library ?? 'plain kernels';
      try {
        const found = await rates(library);
        log(`${backend} matmul, ${by}: ${found.gflops === null ? '–' : `${found.gflops.toFixed(1)} GFLOP/s`}`);
        if ((found.gflops ?? 0) > best.gflops) best = { gflops: found.gflops ?? 0, by };
        copyGigabytes ??= found.copyGigabytes;
      } catch (error) {
        log(`${backend} matmul, ${by}: ${because(error)}`);
      }
      await page.evaluate(() => window.bench.stop('rates'));
    }
    if (best.gflops > 0 && copyGigabytes !== null) this.bounds[backend] = { ...best, copyGigabytes };
  }

  /** One piece of work: everyone is started and warmed up, then takes turns, a round each. */
  private async measure(work: Work): Promise<WorkReport> {
    const { backends, rounds, log } = this.options;
    log(`\n${work.title}`);
    const contenders = CONTENDERS.filter(
      ({ kinds, backend }) => kinds.includes(work.kind) && backends.includes(backend),
    );
    const page = await this.newPage();
    const running = new Map<string, Running>();
    const missing = new Map<string, Missing>();
    const without = (contender: Contender, reason: string): void => {
      running.delete(contender.id);
      missing.set(contender.id, { id: contender.id, label: contender.label, reason });
      log(`  ${contender.label}: no result, ${reason}`);
    };
    for (const contender of contenders) {
      const foreseen = this.foreseen(contender, work);
      if (foreseen) without(contender, foreseen);
      else
        await this.warmUp(page, contender, work).then(
          (ready) => running.set(contender.id, ready),
          (error: unknown) => without(contender, because(error)),
        );
    }
    for (let round = 0; round < rounds; round++)
      for (const ready of [...running.values()])
        await this.round(page, ready).catch((error: unknown) => without(ready.contender, because(error)));
    await page.close();
    const rows = contenders.map((contender) => {
      const ours = running.get(`ours-${contender.backend}`) ?? null;
      const done = running.get(contender.id);
      if (!done) return must(missing.get(contender.id));
      const row = rowOf(done, work, ours, this.bounds[contender.backend] ?? null);
      this.known.set(contender.id + work.kind, { ms: row.median, flops: floatingPointOperations(work) });
      log(
        `  ${row.label}: median ${row.median.toFixed(0)} ms, least ${row.least.toFixed(0)}, ` +
          `${row.ratioToOurs?.toFixed(2) ?? '–'} × ours; ${row.learnsTheSame}`,
      );
      return row;
    });
    return { work, gflop: floatingPointOperations(work) / 1e9, megabytes: bytesMoved(work) / 2 ** 20, rows };
  }

  /** Why a contender is not waited for, from its time for smaller work of the kind; null when it will do. */
  private foreseen({ id }: Contender, work: Work): string | null {
    const known = this.known.get(id + work.kind);
    if (!known) return null;
    const times = floatingPointOperations(work) / known.flops;
    const ms = known.ms * times;
    if (ms <= this.options.limitMs) return null;
    return (
      `${(known.ms / 1000).toFixed(0)} s a step of a smaller batch, ${times.toFixed(1)} times the work ` +
      `here: longer than the limit of ${this.options.limitMs / 1000} s`
    );
  }

  private async warmUp(page: Page, contender: Contender, work: Work): Promise<Running> {
    const { id, library, backend } = contender;
    const { device } = (await page.evaluate(
      ([id, library, work, options, limitMs]) => window.bench.start(id, { library, work, options }, limitMs),
      [id, library, work, this.place(backend), this.options.limitMs] as const,
    )) as Started;
    const ready: Running = { contender, device, rounds: [], losses: [], burst: 1 };
    const first = await this.round(page, ready);
    const second = first.ms > LONG_MS ? first : await this.round(page, ready);
    ready.rounds.length = 0;
    ready.burst = Math.max(1, Math.min(MOST_STEPS, Math.ceil(ROUND_MS / second.ms)));
    return ready;
  }

  private async round(page: Page, ready: Running): Promise<Ran> {
    const { contender, burst } = ready;
    const ran = await page.evaluate(([id, steps, limitMs]) => window.bench.run(id, steps, limitMs), [
      contender.id,
      burst,
      this.options.limitMs,
    ] as const);
    ready.losses.push(...ran.losses);
    ready.rounds.push({ steps: burst, ms: ran.ms, counts: ran.counts });
    this.options.log(
      `  ${contender.id}: ${(ran.ms / burst).toFixed(0)} ms a step, loss ${median(ran.losses).toFixed(4)}`,
    );
    return ran;
  }
}

/** Measures everything that the options ask for; `newPage` opens the bench page afresh. */
export const runBench = (newPage: () => Promise<Page>, options: BenchOptions): Promise<Report> =>
  new Run(newPage, options).report();
export { markdown } from './report';
export { WORKS } from './work';
