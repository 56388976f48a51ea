/**
 * Takes the steps of a run: operation by operation, or on the GPU recorded once for each shape of batch and replayed
 * from then on.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { StepRecording } from '../../domain/run';
import { fromGpu } from '../backend/gpu-device';
import type { GpuBackend } from '../backend/gpu-backend';
import { gpuKernels } from '../backend/gpu-run';
import { RecordedWorks } from '../backend/recorded-works';
import { CannotRecord } from '../backend/recording';
import type { Outputs, Replayable } from '../backend/replayable';
import { runEagerly } from './eager';
import { readStatus, STATUS_BYTES } from '../kernels/adamw/webgpu';
import { extrasOf } from '../objectives/objective';
import type { Learner } from './learner';
import type { AdamW } from './optimizer';
import type { PreparedStep } from './prepared-step';

/**
 * A step that has been taken. `bad`: its loss or its gradient was not finite, and neither it nor a later step has
 * changed anything.
 */
export interface Taken {
  loss: number;
  /** By the names that the learner gives them. */
  extras: Record<string, number> | undefined;
  gradientNorm: number;
  bad: boolean;
}

export interface Stepper {
  /**
   * Takes a step; on the GPU it is only on its way when this returns. The promise is rejected when the GPU failed or
   * memory ran out.
   */
  take(step: PreparedStep, learningRate: number): Promise<Taken>;
  /** Steps that may be on their way when the next is taken. */
  readonly ahead: number;
  /** How steps are taken, for people; see `StepRecording`. */
  readonly recorded: StepRecording | null;
  dispose(): void;
}

/** A submission should end well before a browser takes the GPU for stuck. */
const SUBMISSION_MS = 2000;
const MOST_SUBMISSIONS = 4;

/** What a stepper needs of a learner. */
type Taught = Pick<Learner, 'weights' | 'extras'>;

export function stepperFor(learner: Taught, optimizer: AdamW): Stepper {
  const gpu = gpuKernels();
  return gpu ? new RecordingStepper(gpu, learner, optimizer) : new EagerStepper(learner, optimizer);
}

export class EagerStepper implements Stepper {
  readonly ahead = 0;
  readonly recorded = null;
  private readonly learner: Taught;
  private readonly optimizer: AdamW;

  constructor(learner: Taught, optimizer: AdamW) {
    this.learner = learner;
    this.optimizer = optimizer;
  }

  async take(step: PreparedStep, learningRate: number): Promise<Taken> {
    const { loss, gradients, values } = await runEagerly(step);
    const outcome = { loss, extras: extrasOf(this.learner.extras, values) };
    if (Number.isFinite(loss)) return { ...outcome, ...(await this.optimizer.step(gradients, learningRate)) };
    tf.dispose(gradients);
    return { ...outcome, gradientNorm: NaN, bad: true };
  }

  dispose(): void {
    // Nothing is kept from step to step.
  }
}

export class RecordingStepper implements Stepper {
  private readonly gpu: GpuBackend;
  private readonly learner: Taught;
  private readonly optimizer: AdamW;
  private readonly works: RecordedWorks<object>;
  private readonly eager: EagerStepper;
  private reason: string | null = null;
  private dispatches = 0;
  private lastMs = 0;

  constructor(gpu: GpuBackend, learner: Taught, optimizer: AdamW) {
    this.gpu = gpu;
    this.learner = learner;
    this.optimizer = optimizer;
    this.works = new RecordedWorks(gpu);
    this.eager = new EagerStepper(learner, optimizer);
  }

  get ahead(): number {
    return this.reason === null ? 1 : 0;
  }

  get recorded(): StepRecording {
    const { shapes, bytes } = this.works;
    return { shapes, dispatches: this.dispatches, bytes, reason: this.reason };
  }

  async take(step: PreparedStep, learningRate: number): Promise<Taken> {
    if (this.reason) return this.eager.take(step, learningRate);
    const known = this.works.of(step.shape);
    this.optimizer.advance(learningRate);
    if (known) return this.replayed(known, step);
    try {
      return await this.firstRun(step);
    } catch (thrown) {
      if (!(thrown instanceof CannotRecord)) throw thrown;
      this.reason = thrown.message;
      this.optimizer.takeBack();
      return this.eager.take(step, learningRate);
    }
  }

  dispose(): void {
    this.works.destroy();
  }

  private firstRun(step: PreparedStep): Promise<Taken> {
    const { gpu, optimizer } = this;
    const taken = (): Outputs => {
      const { loss, gradients, values } = step.run();
      try {
        return {
          buffers: [{ buffer: optimizer.enqueue(gpu, gradients, loss, true), size: STATUS_BYTES }],
          tensors: values,
        };
      } finally {
        tf.dispose([loss, ...gradients]);
      }
    };
    const { work, values } = this.works.record({ ...step, run: taken }, [
      ...this.learner.weights.tensors(),
      ...optimizer.updated(),
    ]);
    this.dispatches = work.recording.dispatches;
    return this.outcomeOf(values);
  }

  private async replayed(work: Replayable<object>, step: PreparedStep): Promise<Taken> {
    this.dispatches = work.recording.dispatches;
    const start = performance.now();
    const taken = await this.outcomeOf(
      work.replay(step.data, Math.min(MOST_SUBMISSIONS, 1 + Math.floor(this.lastMs / SUBMISSION_MS))),
    );
    this.lastMs = performance.now() - start;
    return taken;
  }

  private async outcomeOf(results: Promise<Float32Array[]>): Promise<Taken> {
    const [status, ...values] = await fromGpu(results);
    const { loss, norm, bad } = readStatus(status as Float32Array);
    return { loss, extras: extrasOf(this.learner.extras, values), gradientNorm: norm, bad };
  }
}
