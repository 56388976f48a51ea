/**
 * A taught decoder as a folder that `AutoModelForCausalLM.from_pretrained` and `AutoTokenizer.from_pretrained` load.
 */
import type { ChatFiles } from '../../../../formats/chat-files';
import { jsonBytes } from '../../../../formats/json-file';
import { writeSafetensors } from '../../../../formats/safetensors';
import type { NamedTensor } from '../../../../formats/tensor';

export interface LanguageFolderOptions {
  config: Readonly<Record<string, unknown>>;
  /** By Hugging Face name, F32; without `lm_head.weight` where it is the embedding. */
  tensors: readonly NamedTensor[];
  tokenizerFiles: ReadonlyMap<string, Uint8Array>;
  chat: ChatFiles;
  /** The template the model was taught with, or null when it was taught plain text and brings none. */
  chatTemplate: string | null;
  /** transformers' class, e.g. `LlamaForCausalLM`. */
  className: string;
  readme: string;
}

/** The files. The template lies in `chat_template.jinja`, which goes before the one in tokenizer_config.json. */
export function writeLanguageFolder({
  config,
  tensors,
  tokenizerFiles,
  chat,
  chatTemplate,
  className,
  readme,
}: LanguageFolderOptions): { path: string; bytes: Uint8Array }[] {
  const own: Record<string, unknown> = { ...config, architectures: [className], dtype: 'float32' };
  // Names of former versions that would contradict what is written here.
  for (const field of ['torch_dtype', '_name_or_path', 'quantization_config']) delete own[field];
  return [
    { path: 'config.json', bytes: jsonBytes(own) },
    ...(chat.generationConfig ? [{ path: 'generation_config.json', bytes: jsonBytes(chat.generationConfig) }] : []),
    { path: 'model.safetensors', bytes: writeSafetensors(tensors, { format: 'pt' }) },
    ...[...tokenizerFiles].map(([path, bytes]) => ({ path, bytes })),
    ...(chatTemplate === null ? [] : [{ path: 'chat_template.jinja', bytes: new TextEncoder().encode(chatTemplate) }]),
    { path: 'README.md', bytes: new TextEncoder().encode(readme) },
  ];
}
