/** How GGUF files hold each decoder of the list (domain/architectures). */
import type { DecoderArchitecture } from '../../../domain/architectures';
import { gpt2 } from './gpt2';
import type { GgufModel } from './model';
import { rotary } from './rotary';

export const GGUF_MODELS: Record<DecoderArchitecture, GgufModel> = {
  llama: rotary({ permuted: true, headSize: false, scaledTensor: true }),
  qwen2: rotary({ permuted: false, headSize: false, scaledTensor: false }),
  qwen3: rotary({ permuted: false, headSize: true, scaledTensor: false }),
  gpt2,
};
