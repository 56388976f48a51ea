/** Writes the GGUF metadata that a decoder's config.json amounts to: the way back of config.ts. */
import { decoderNamed } from '../../domain/architectures';
import type { DecoderArchitecture } from '../../domain/architectures';
import type { Json } from '../../base/json';
import { GGUF_MODELS } from './models';
import type { GgufEntry } from './write';
import { refuse } from './write-fields';

/** The architecture as GGUF calls it; throws `unsupported` for one that is not written. */
export const ggufArchitectureOf = (config: Json): DecoderArchitecture =>
  decoderNamed(config['model_type']) ??
  refuse(`the architecture \`${String(config['model_type'])}\` is not known there.`);

/**
 * Entries of the architecture, in no prefix's debt: keys are whole. Throws `unsupported` for what llama.cpp would
 * compute otherwise.
 */
export function architectureEntries(config: Json): [string, GgufEntry][] {
  const architecture = ggufArchitectureOf(config);
  return GGUF_MODELS[architecture].entries(config).map(([key, entry]) => [`${architecture}.${key}`, entry]);
}
