/** Who has what: each library's file for the encoder and, where it has one, for decoders. */
import type { Peer } from '../lib/contract';
import type { Library, Work } from '../lib/work';

const ENCODERS: Record<Library, () => Promise<Peer>> = {
  ours: () => import('./ours'),
  tfjs: () => import('./tfjs'),
  jax: () => import('./jax'),
  onnxruntime: () => import('./onnxruntime'),
};

const DECODERS: Partial<Record<Library, () => Promise<Pick<Peer, 'open'>>>> = {
  ours: () => import('./ours-decoder'),
  tfjs: () => import('./tfjs-decoder'),
  jax: () => import('./jax-decoder'),
};

export const encoderPeer = (library: Library): Promise<Peer> => ENCODERS[library]();

/** Throws when the library cannot do the work. */
export async function peerFor(library: Library, work: Work): Promise<Pick<Peer, 'open'>> {
  const peer = await (work.model === 'minilm' ? ENCODERS : DECODERS)[library]?.();
  if (!peer) throw new Error(`${library} has no decoder here.`);
  return peer;
}
