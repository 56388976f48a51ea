/** Requests about how the loaded model reads the rows: their lengths in tokens, and what it sees of one row. */
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { sameValue } from '../../base/same-value';
import type { TrainingConfig } from '../../domain/training-config';
import { lessonOf } from '../../lessons/index';
import { lessonWorker } from '../../lessons/workers';
import type { TokenLengths } from '../link/protocol';
import type { Call } from '../session';

/** Token counts of the usable rows (sampled evenly when there are many), and what would be cut or left out. */
export async function tokenLengths(call: Call, config: TrainingConfig): Promise<TokenLengths> {
  const { session, context } = call;
  const { info } = session.requireDataset();
  const worker = lessonWorker(info.mapping.lesson);
  const of = [info.id, info.mapping, session.requireModel().source, worker.lengthSettings(config)];
  if (!session.lengths || !sameValue(session.lengths.of, of))
    session.lengths = { of, found: countLengths(call, config) };
  const { lengths } = session;
  try {
    return await lengths.found;
  } catch (thrown) {
    // Whoever asked first may have cancelled: that must not answer for the others.
    if (session.lengths === lengths) session.lengths = null;
    throwIfCancelled(context.signal);
    if (thrown instanceof TabtuneError && thrown.code === 'cancelled') return countLengths(call, config);
    throw thrown;
  }
}

/** Rows that the loaded model cannot learn give nothing to count. */
async function countLengths(call: Call, config: TrainingConfig): Promise<TokenLengths> {
  const { session } = call;
  const { mapping } = session.requireDataset().info;
  if (lessonOf(mapping).fits(session.requireModel().info)) return lessonWorker(mapping.lesson).lengths(call, config);
  return { overLong: 0, maxLength: config.maxLength, longest: 0, mean: 0, counted: 0, notes: [], refusal: null };
}

/** What the loaded model sees of one row. */
export async function rowSeen(
  call: Call,
  { row, config }: { row: number; config: TrainingConfig | null },
): Promise<unknown> {
  const { mapping } = call.session.requireDataset().info;
  return lessonWorker(mapping.lesson).rowSeen(call, row, config);
}
