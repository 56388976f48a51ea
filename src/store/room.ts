/** Whether a model has room on this device, from its size alone: said before anything is downloaded. */
import { DECODER_ARCHITECTURES } from '../domain/architectures';
import type { BackendName } from '../domain/device';

/** WebAssembly addresses 4 GiB; a part of it is the engine's own. */
export const WASM_ROOM = 3.5e9;

/** Bytes a weight in 32 bits, and packed in blocks of 4 bits (the embedding in 8). */
const WHOLE = 4;
const PACKED = WHOLE * 0.2;

export interface RoomNotice {
  /** True when the model fits in no way. */
  blocks: boolean;
  message: string;
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Null when it fits, or when nothing can be known: a GPU does not say how much memory it has. */
export function roomNotice(
  { parameters, architecture }: { parameters: number | null; architecture: string },
  backend: BackendName | null,
): RoomNotice | null {
  if (parameters === null || backend === null || backend === 'webgpu') return null;
  const whole = parameters * WHOLE;
  if (whole <= WASM_ROOM) return null;
  const needs =
    `Its ${(parameters / 1e9).toFixed(1)} billion weights take ${gigabytes(whole)} in 32 bits, and ` +
    `WebAssembly has room for ${gigabytes(WASM_ROOM)}.`;
  const writes = DECODER_ARCHITECTURES.some((name) => name === architecture);
  if (writes && parameters * PACKED <= WASM_ROOM)
    return {
      blocks: false,
      message:
        `${needs} It fits only with its frozen weights packed in 4 bits, about ` +
        `${gigabytes(parameters * PACKED)}: choose that under Train, Advanced.`,
    };
  return { blocks: true, message: `${needs} Choose a smaller model, or a browser and device with WebGPU.` };
}
