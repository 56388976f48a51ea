/** Where the GPU time of one fine-tuning step goes: every recorded dispatch on its own, summed by shader. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../src/base/assert';
import { openBackend } from '../src/engine/backend/backends';
import { gpuBackend } from '../src/engine/backend/gpu-backend';
import type { Command } from '../src/engine/backend/recording';
import { minilmStep } from './lib/minilm-step';
import { median } from './lib/timing';

export interface ShaderTime {
  shader: string;
  dispatches: number;
  milliseconds: number;
}

export interface Profile {
  device: string;
  batch: number;
  length: number;
  dispatches: number;
  /** Of whole replays, median. */
  stepMilliseconds: number;
  shaders: ShaderTime[];
}

type Dispatch = Extract<Command, { pipeline: GPUComputePipeline }>;

/** @param repeats dispatches of one command that are timed together, so that what a submission costs does not count */
export async function profile(
  batch: number,
  length: number,
  repeats: number,
  method: 'full' | 'lora',
): Promise<Profile> {
  const { name } = await openBackend('webgpu', { wasmPath: '' });
  const gpu = must(gpuBackend(), 'WebGPU');
  const { model, optimizer, prepare } = await minilmStep(batch, length, method);
  for (const tensor of [...model.tensors(), ...optimizer.updated()]) gpu.bufferOf(tensor);
  const step = prepare(0);
  optimizer.advance(1e-4);
  const { recording } = gpu.record(gpu.newArena(), () => {
    const { loss, gradients } = step.run();
    optimizer.enqueue(gpu, gradients, loss, true);
    tf.dispose([loss, ...gradients]);
  });
  const timed = async (run: () => void): Promise<number> => {
    await gpu.queue.onSubmittedWorkDone();
    const start = performance.now();
    run();
    await gpu.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  const replay = (): Promise<number> => timed(() => recording.replay(1, () => undefined));
  await replay();
  const whole = [await replay(), await replay(), await replay(), await replay(), await replay()];
  const sums = new Map<string, ShaderTime>();
  for (const command of recording.commands.filter((command): command is Dispatch => 'pipeline' in command)) {
    const ms =
      (await timed(() => {
        repeat(gpu.device, command, repeats);
      })) / repeats;
    const shader = `${command.pipeline.label || 'tfjs'} ${command.workgroups.join('×')}`;
    const known = sums.get(shader) ?? { shader, dispatches: 0, milliseconds: 0 };
    sums.set(shader, { shader, dispatches: known.dispatches + 1, milliseconds: known.milliseconds + ms });
  }
  const shaders = [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds);
  return { device: name, batch, length, dispatches: recording.dispatches, stepMilliseconds: median(whole), shaders };
}

function repeat(device: GPUDevice, { pipeline, group, workgroups }: Dispatch, times: number): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  for (let i = 0; i < times; i++) pass.dispatchWorkgroups(...workgroups);
  pass.end();
  device.queue.submit([encoder.finish()]);
}
