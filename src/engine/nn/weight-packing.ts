/** A decoder's linear layers, which of its matrices are kept packed, and how they become so. */
import type { BaseWeights } from '../../domain/language-config';
import { toFloat32 } from '../../formats/dtype';
import { quantize } from '../../formats/gguf/quantize';
import { transposed as transpose } from '../../formats/gguf/rows';
import type { NamedTensor, PackedBlocks, PackedType } from '../../formats/tensor';
import { BLOCK, bitsOf, packedWords, type Bits } from '../kernels/packed/matrix';
import { slotSize, type Slot } from '../models/architecture';
import type { KnownDecoder } from '../models';
import type { AdaptableLayer } from './attach-lora';
import { matchesModule } from './lora';

/** Whether a parameter is the matrix of a linear layer in a block. */
const isLinear = ({ name, shape }: Slot, { linearModules }: KnownDecoder): boolean =>
  shape.length === 2 && linearModules.some((module) => matchesModule(name, `${module}.weight`));

/** The linear layers of the blocks, which LoRA may adapt. */
export function adaptable(spec: KnownDecoder): AdaptableLayer[] {
  return spec.slots
    .filter((slot) => isLinear(slot, spec))
    .map(({ name, shape: [rows = 0, columns = 0] }) => {
      const [out, inputs] = spec.fanInFanOut ? [columns, rows] : [rows, columns];
      return { name: name.replace(/\.weight$/, ''), out, inputs };
    });
}

/** Whether a parameter is stored [in, out], and packed the other way round: blocks run along the inputs, as in GGUF. */
export const isTransposed = (slot: Slot, spec: KnownDecoder): boolean => spec.fanInFanOut && isLinear(slot, spec);

/**
 * Bits a value in which a parameter is kept, or null for floats: linear layers as asked; the embedding and the output
 * matrix, whose errors reach every token, in at least 8; norms, biases, position tables and rows that are not whole
 * blocks as floats.
 */
export function packedBits(slot: Slot, spec: KnownDecoder, base: BaseWeights): Bits | null {
  const linear = isLinear(slot, spec);
  const table = slot.name === spec.embeddings || slot.name === spec.output;
  const inputs = slot.shape[isTransposed(slot, spec) ? 0 : 1] ?? 0;
  if (base === 'f32' || !(linear || table) || inputs % BLOCK !== 0) return null;
  if (base === 'f16') return 16;
  return base === 'q4' && linear ? 4 : 8;
}

/** The file's own packing of a tensor, where it takes at most `bits` bits a value: it is kept. */
const packedWithin = (tensor: NamedTensor | undefined, bits: Bits): PackedBlocks | null =>
  tensor?.packed && bitsOf(tensor.packed.type) <= bits ? tensor.packed : null;

/**
 * Bytes of a parameter on the device.
 * @param stored the tensor in the checkpoint, if it is known
 */
export function slotBytes(slot: Slot, spec: KnownDecoder, base: BaseWeights, stored?: NamedTensor): number {
  const bits = packedBits(slot, spec, base);
  if (!bits) return 4 * slotSize(slot);
  const kept = packedWithin(stored, bits);
  return 4 * packedWords(slotSize(slot), kept ? bitsOf(kept.type) : bits);
}

/** What values are rounded to. */
const ROUNDED = { 16: 'F16', 8: 'Q8_0', 4: 'Q4_0' } as const satisfies Record<Bits, PackedType>;

/**
 * A checkpoint tensor in at most `bits` bits a value: as the file packs it where it does, F16 as it is, else rounded to
 * F16, Q8_0 or Q4_0.
 * @param transposed the tensor is [in, out]
 * @throws `numbers` naming the tensor when it has a value that half precision should hold and cannot
 */
export function blocksOf(tensor: NamedTensor, bits: Bits, transposed: boolean): PackedBlocks {
  const kept = packedWithin(tensor, bits);
  if (kept) return kept;
  const { name, dtype, shape } = tensor;
  const [rows = 0, columns = 0] = shape;
  const type = ROUNDED[bits];
  if (dtype === type && !transposed) return { type, shape: [rows, columns], bytes: tensor.bytes };
  const values = toFloat32(tensor);
  return transposed
    ? { type, shape: [columns, rows], bytes: quantize(type, transpose(values, rows, columns), name) }
    : { type, shape: [rows, columns], bytes: quantize(type, values, name) };
}
