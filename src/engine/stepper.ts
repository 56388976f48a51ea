/** Takes the steps of a run: operation by operation, or on the GPU recorded once for each shape of batch and replayed from then on. */
import * as tf from '@tensorflow/tfjs-core';
import type { StepRecording } from '../domain/run';
import { fromGpu } from './backend/gpu-device';
import type { GpuBackend } from './backend/gpu-backend';
import { gpuKernels } from './backend/gpu-run';
import { resultReader } from './backend/read-results';
import { CannotRecord, overwrite, type Arena, type Recording, type Result } from './backend/recording';
import { runEagerly } from './eager';
import { readStatus } from './kernels/adamw/webgpu';
import type { Learner } from './learners/learner';
import type { AdamW } from './optimizer';
import type { PreparedStep, StepOutcome } from './prepared-step';

/** A step that has been taken. `bad`: its loss or its gradient was not finite, and neither it nor a later step has changed anything. */
export interface Taken extends StepOutcome {
  gradientNorm: number;
  bad: boolean;
}

export interface Stepper {
  /** Takes a step; on the GPU it is only on its way when this returns. The promise is rejected when the GPU failed or memory ran out. */
  take(step: PreparedStep, learningRate: number): Promise<Taken>;
  /** Steps that may be on their way when the next is taken. */
  readonly ahead: number;
  /** How steps are taken, for people; see `StepRecording`. */
  readonly recorded: StepRecording | null;
  dispose(): void;
}

/** More shapes than this are not kept recorded. */
const MOST_RECORDED = 48;

/** A submission should end well before a browser takes the GPU for stuck. */
const SUBMISSION_MS = 2000;
const MOST_SUBMISSIONS = 4;

/** What a stepper needs of a learner. */
type Taught = Pick<Learner, 'weights' | 'outcome'>;

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
    const { loss, gradients, rewards } = await runEagerly(step);
    const outcome = this.learner.outcome(loss, rewards);
    if (Number.isFinite(loss)) return { ...outcome, ...(await this.optimizer.step(gradients, learningRate)) };
    tf.dispose(gradients);
    return { ...outcome, gradientNorm: NaN, bad: true };
  }

  dispose(): void {
    // Nothing is kept from step to step.
  }
}

interface RecordedStep {
  step: PreparedStep;
  recording: Recording;
  /** Loss and status of the update, then the rewards. */
  results: Result[];
  kept: tf.Tensor[];
}

export class RecordingStepper implements Stepper {
  private readonly gpu: GpuBackend;
  private readonly learner: Taught;
  private readonly optimizer: AdamW;
  private readonly arena: Arena;
  private readonly steps = new Map<string, RecordedStep>();
  private readonly eager: EagerStepper;
  private reason: string | null = null;
  private dispatches = 0;
  private lastMs = 0;

  constructor(gpu: GpuBackend, learner: Taught, optimizer: AdamW) {
    this.gpu = gpu;
    this.learner = learner;
    this.optimizer = optimizer;
    this.arena = gpu.newArena();
    this.eager = new EagerStepper(learner, optimizer);
  }

  get ahead(): number {
    return this.reason === null ? 1 : 0;
  }

  get recorded(): StepRecording {
    const bytes = [...this.steps.values()].reduce((sum, { recording }) => sum + recording.bytes, this.arena.bytes);
    return { shapes: this.steps.size, dispatches: this.dispatches, bytes, reason: this.reason };
  }

  async take(step: PreparedStep, learningRate: number): Promise<Taken> {
    if (this.reason) return this.eager.take(step, learningRate);
    const known = this.steps.get(step.shape);
    this.optimizer.advance(learningRate);
    if (known) {
      overwrite(known.step.data, step.data);
      return this.replayed(known);
    }
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
    for (const step of this.steps.values()) this.forget(step);
    this.steps.clear();
    this.arena.destroy();
  }

  private firstRun(step: PreparedStep): Promise<Taken> {
    const { gpu, optimizer } = this;
    // What is uploaded during the recording would be uploaded again in every replay.
    for (const tensor of [...this.learner.weights.tensors(), ...optimizer.updated()]) gpu.bufferOf(tensor);
    const { recording, result } = gpu.record(this.arena, () => {
      const { loss, gradients, rewards } = step.run();
      try {
        return { status: optimizer.enqueue(gpu, gradients, loss, true), rewards };
      } finally {
        tf.dispose([loss, ...gradients]);
      }
    });
    const results = [{ buffer: result.status, size: 16 }, ...result.rewards.map((tensor) => ({ buffer: gpu.bufferOf(tensor), size: 4 * tensor.size }))];
    const recorded = { step, recording, results, kept: result.rewards };
    const [oldest] = this.steps;
    if (oldest && this.steps.size >= MOST_RECORDED) {
      this.forget(oldest[1]);
      this.steps.delete(oldest[0]);
    }
    this.steps.set(step.shape, recorded);
    this.dispatches = recording.dispatches;
    const reader = resultReader(gpu.device, results);
    const encoder = gpu.device.createCommandEncoder();
    reader.copy(encoder);
    gpu.queue.submit([encoder.finish()]);
    return this.outcomeOf(reader.read());
  }

  private async replayed({ recording, results }: RecordedStep): Promise<Taken> {
    const { gpu } = this;
    // Copies on this side would be out of date.
    for (const tensor of this.optimizer.updated()) gpu.bufferOf(tensor);
    this.dispatches = recording.dispatches;
    const reader = resultReader(gpu.device, results);
    const start = performance.now();
    recording.replay(Math.min(MOST_SUBMISSIONS, 1 + Math.floor(this.lastMs / SUBMISSION_MS)), reader.copy);
    const taken = await this.outcomeOf(reader.read());
    this.lastMs = performance.now() - start;
    return taken;
  }

  private async outcomeOf(values: Promise<Float32Array[]>): Promise<Taken> {
    const [status, ...rewards] = await fromGpu(values);
    const { loss, norm, bad } = readStatus(status as Float32Array);
    return { ...this.learner.outcome(loss, rewards), gradientNorm: norm, bad };
  }

  private forget({ recording, kept }: RecordedStep): void {
    tf.dispose(kept);
    recording.destroy();
  }
}
