/** What a run is told of measured kernels, and what becomes of new measurements. */
import type { LoraConfig } from '../../domain/training-config';
import type { RunStart } from '../../domain/run';
import { withTuning, type KernelChoices } from '../../domain/tuning';
import type { KernelChoiceOptions } from '../../engine/training/kernel-choice';
import { lessonWorker } from '../../lessons/workers';
import type { Interrupted } from '../run/checkpoints';
import type { Context } from '../link/server';
import type { Session } from '../session';

const loraInWords = ({ rank, targetModules }: LoraConfig): string => `rank ${rank} on ${targetModules.length} modules`;

/** The run's products in words: the same words, the same products. */
function workloadOf({ model, config, mapping }: RunStart): string {
  return [
    model.name,
    `${model.parameters} weights`,
    config.method,
    ...(config.method === 'lora' ? [loraInWords(config.lora)] : []),
    lessonWorker(mapping.lesson).workload(config),
    `batches of ${config.batchSize}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** @param chosen takes the kernels that are to be kept with the run */
export function tuningOf(
  session: Session,
  start: RunStart,
  from: Interrupted | null,
  chosen: (choices: KernelChoices) => void,
  context: Context,
): KernelChoiceOptions {
  return {
    config: start.config,
    workload: workloadOf(start),
    known: session.tuning.known,
    from: from?.kernels ?? null,
    software: session.tuning.software,
    signal: context.signal,
    now: () => performance.now(),
    chosen: (choices, measured) => {
      chosen(choices);
      if (!measured) return;
      // For a run that begins again before the page has answered.
      session.tuning = { ...session.tuning, known: withTuning(session.tuning.known, measured) };
      context.trainEvent({ type: 'tuned', tuning: measured });
    },
  };
}
