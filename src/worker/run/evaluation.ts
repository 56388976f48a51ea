/** The requests `evaluate` and `askRun`: what the run in hand makes of the untouched test rows, and what it answers. */
import type { RunCall } from './run';
import { TabtuneError } from '../../base/errors';

/** The lesson's report on the test rows; kept with the run. Throws `bad-data` without test rows. */
export async function evaluate(call: RunCall): Promise<unknown> {
  const { session } = call;
  const run = session.requireRun();
  const evaluation = await run.evaluate(call);
  run.summary = { ...run.summary, evaluation };
  const { summary } = run;
  const { id, createdAt } = summary;
  const storage = await session.storage();
  // A run that could not be saved, or has been deleted since, has no record to bring up to date; another tab may have
  // the only say.
  if (storage.writable && (await storage.run(id)))
    await storage.updateRun({ id, createdAt, summary, replay: [...run.replay] });
  return evaluation;
}

/** Throws `bad-config` for what runs of this lesson are not asked. */
export async function askRun(call: RunCall, { what, params }: { what: string; params: unknown }): Promise<unknown> {
  const { asks } = call.session.requireRun();
  const ask = Object.hasOwn(asks, what) ? asks[what] : undefined;
  if (!ask)
    throw new TabtuneError('bad-config', `The run in hand does not answer “${what}”.`, {
      fix: 'Open a run that does.',
    });
  return ask(params, call);
}
