/** What is known of a run while it goes on, and how each of its events changes that. */
import type { PlainError } from '../base/errors';
import type { RunStatus, StepRecord, StepRecording, StopReason, TrainEvent, ValidationRecord } from '../domain/run';

export interface Phase {
  name: Extract<TrainEvent, { type: 'phase' }>['phase'];
  done: number;
  total: number;
}

export interface RunState {
  status: RunStatus;
  phase: Phase | null;
  /** Every step and validation of the run; nothing is thinned out here. */
  steps: StepRecord[];
  validations: ValidationRecord[];
  /** What is seen while it learns; the lesson's page knows what it is. */
  look: { step: number; seen: unknown } | null;
  reason: StopReason | null;
  /** What a person should know of the run. */
  notes: readonly string[];
  /** The newest checkpoint of the run under way, and why the last attempt to keep one failed. */
  checkpoint: { step: number | null; problem: PlainError | null } | null;
  /** On the GPU: how steps are recorded and replayed. */
  recording: StepRecording | null;
  /**
   * The last time that the GPU stopped working under the run: which time it was, and the step from which the run went
   * on.
   */
  gpuLoss: { count: number; step: number } | null;
}

/** Before there is a run. */
export const NO_RUN: RunState = {
  status: 'idle',
  phase: null,
  steps: [],
  validations: [],
  look: null,
  reason: null,
  notes: [],
  checkpoint: null,
  recording: null,
  gpuLoss: null,
};

/** Lists that were made for the batch in hand, and may grow in place. */
type Fresh = Set<readonly unknown[]>;

function appended<T>(list: T[], value: T, fresh: Fresh): T[] {
  const own = fresh.has(list) ? list : [...list];
  fresh.add(own);
  own.push(value);
  return own;
}

/** The state after a batch of events; the one before stays as it was. Each list is copied once at most. */
export function applyEvents(before: RunState, events: readonly TrainEvent[]): RunState {
  const fresh: Fresh = new Set();
  return events.reduce((state, event) => applyEvent(state, event, fresh), before);
}

function applyEvent(state: RunState, event: TrainEvent, fresh: Fresh): RunState {
  switch (event.type) {
    case 'phase':
      return {
        ...state,
        phase: { name: event.phase, done: event.done, total: event.total },
        status:
          event.phase === 'training' && state.status === 'preparing'
            ? 'training'
            : event.phase === 'keeping-best'
              ? 'finishing'
              : state.status,
      };
    case 'step':
      return {
        ...state,
        status: state.status === 'preparing' ? 'training' : state.status,
        steps: appended(state.steps, event.record, fresh),
      };
    case 'validation':
      return { ...state, validations: appended(state.validations, event.record, fresh) };
    case 'look':
      return { ...state, look: { step: event.step, seen: event.seen } };
    case 'restored': {
      const step = event.steps.at(-1)?.step ?? 0;
      const gpuLoss = event.after === 'gpu-loss' ? { count: (state.gpuLoss?.count ?? 0) + 1, step } : state.gpuLoss;
      return {
        ...state,
        steps: event.steps,
        validations: event.validations,
        checkpoint: { step: step || null, problem: null },
        gpuLoss,
      };
    }
    case 'note':
      return { ...state, notes: [...new Set([...state.notes, event.message])] };
    case 'recorded':
      return { ...state, recording: event.recording };
    case 'checkpoint':
      return {
        ...state,
        checkpoint: { step: event.problem ? (state.checkpoint?.step ?? null) : event.step, problem: event.problem },
      };
    case 'tuned':
      return state;
    case 'paused':
      return { ...state, status: 'paused' };
    case 'resumed':
      return { ...state, status: 'training' };
    case 'finished':
      return { ...state, status: 'finishing', reason: event.reason };
    default:
      return event satisfies never;
  }
}
