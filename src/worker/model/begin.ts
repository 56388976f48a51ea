/** The model that a run begins with: with its adapter gone on with, worked in, or left out. */
import { TabtuneError } from '../../base/errors';
import type { ModelInfo } from '../../domain/model';
import { goesOn, type TrainingConfig } from '../../domain/training-config';
import type { Begun, ResolvedAdapter } from '../../engine/adapters/resolve';
import type { LoadedModel } from '../session';

type Choice = Pick<TrainingConfig, 'method' | 'fromAdapter'>;

/** The model as a run with these settings takes it. Throws `bad-config` where a base cannot do without its adapter. */
export function begunAs(model: LoadedModel, choice: Choice): LoadedModel {
  const { adapter, checkpoint } = model;
  if (!adapter || model.begun) return model;
  const base = { config: checkpoint.config, tensors: checkpoint.tensors };
  const begun = chosen(adapter, { ...base, adapter: null }, choice);
  return {
    ...model,
    checkpoint: { ...checkpoint, config: { ...begun.config }, tensors: new Map(begun.tensors) },
    begun: { base, going: begun.adapter, ...standing(adapter, begun, begun.tensors === base.tensors) },
  };
}

/** How far the run's adapter can be taken without its model. */
function standing({ facts, carried }: ResolvedAdapter, { adapter: going }: Begun, isBare: boolean) {
  if (!going) return { fitsBase: isBare, isPlain: isBare };
  return { fitsBase: true, isPlain: facts.beginning === 'none' && going.plan.saved.size === 0 && carried.length === 0 };
}

function chosen(adapter: ResolvedAdapter, bare: Begun, choice: Choice): Begun {
  if (goesOn(choice, adapter.facts) && adapter.continued) return adapter.continued();
  if (choice.fromAdapter !== 'without') return adapter.merged();
  if (adapter.merged().config['vocab_size'] === bare.config['vocab_size']) return bare;
  throw new TabtuneError(
    'bad-config',
    'The adapter brings more tokens than the base model has, so it cannot be left out.',
    { fix: 'Go on with it or work it into the base; or drop the base model alone, with its own tokenizer.' },
  );
}

/** What the engine builds with, beside the base. */
export function goingOn({ begun }: LoadedModel): Partial<Pick<Parts, 'adapter' | 'plan'>> {
  return begun?.going ? { adapter: begun.going.tensors, plan: begun.going.plan } : {};
}
type Going = NonNullable<Begun['adapter']>;
interface Parts {
  adapter: Going['tensors'];
  plan: Going['plan'];
}

/** An adapter that is gone on with keeps what it is, whatever was asked for. */
export function asAdapterSays<T extends TrainingConfig>(config: T, { adapter }: ModelInfo): T {
  if (!adapter || !goesOn(config, adapter)) return config;
  const { rank, alpha, dropout, targetModules, modulesToSave } = adapter;
  return { ...config, lora: { rank, alpha, dropout, targetModules, modulesToSave } };
}
