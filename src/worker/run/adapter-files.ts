/** A run's adapter as PEFT's files hold it, on the base that a person has. */
import type { Json } from '../../base/json';
import type { AdapterPlan } from '../../engine/adapters/plan';
import { resolveAdapter, type Begun } from '../../engine/adapters/resolve';
import { PEFT_PREFIX, type PeftAdapter } from '../../formats/peft';
import { refuseAdapter } from '../../formats/peft-config';
import type { NamedTensor } from '../../formats/tensor';
import type { LoadedModel } from '../session';

/** Whether the run's adapter means something without the model that it was trained on. */
export const fitsItsBase = ({ begun }: LoadedModel): boolean => begun?.fitsBase ?? true;
/** Whether a plain LoRA adapter says all of it. */
export const isPlainAdapter = ({ begun }: LoadedModel): boolean => begun?.isPlain ?? true;

/**
 * What `writePeftAdapter` takes: the trained tensors under the names that the adapter's own file has for them, what
 * training left alone, and what its adapter_config.json said.
 */
export function adapterFiles(
  { adapter, begun }: LoadedModel,
  trained: readonly NamedTensor[],
): { tensors: NamedTensor[]; like: Json | null } {
  const going = begun?.going;
  if (!adapter || !going) return { tensors: [...trained], like: null };
  const { saved } = going.plan;
  const tensors = trained.map((tensor) => {
    const name = saved.get(tensor.name.slice(PEFT_PREFIX.length)) ?? tensor.name;
    return { ...tensor, name, bytes: tensor.bytes };
  });
  return { tensors: [...tensors, ...adapter.carried], like: adapter.whole };
}

/** The run's base with an adapter that was read from a file on it, to be built. */
export function onItsBase(
  { begun, checkpoint }: LoadedModel,
  read: PeftAdapter,
): Pick<Begun, 'config' | 'tensors'> & { adapter: ReadonlyMap<string, NamedTensor>; plan: AdapterPlan } {
  const { continued, facts } = resolveAdapter(begun?.base ?? checkpoint, read);
  const { config, tensors, adapter } = continued?.() ?? { config: {}, tensors: new Map(), adapter: null };
  if (!adapter) return refuseAdapter('unsupported', `it cannot be gone on with: ${facts.obstacle ?? ''}.`);
  return { config, tensors, adapter: adapter.tensors, plan: adapter.plan };
}
