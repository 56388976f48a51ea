/** What is known of a run while it goes on, and how each of its events changes that. */
import type { PlainError } from '../base/errors';
import type {
  RunStatus,
  StepRecord,
  StepRecording,
  StopReason,
  TrainEvent,
  ValidationRecord,
  WatchedPrediction,
  WrittenSample,
} from '../domain/run';

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
  watched: { step: number; predictions: WatchedPrediction[] } | null;
  /** What a model that writes says to the same few questions. */
  samples: { step: number; samples: WrittenSample[] } | null;
  reason: StopReason | null;
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

/** The state after an event; pure, so that a batch of events is one change. */
export function applyEvent(state: RunState, event: TrainEvent): RunState {
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
        steps: [...state.steps, event.record],
      };
    case 'validation':
      return { ...state, validations: [...state.validations, event.record] };
    case 'watched':
      return { ...state, watched: { step: event.step, predictions: event.predictions } };
    case 'samples':
      return { ...state, samples: { step: event.step, samples: event.samples } };
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
