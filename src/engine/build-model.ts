/**
 * Builds a trainable model from a Hugging Face configuration and checkpoint: picks the head, draws what is new,
 * attaches LoRA.
 */
import { TabtuneError } from '../base/errors';
import { SeededRandom } from '../base/random';
import { IN_UNIT } from '../domain/target-scale';
import type { TaskKind } from '../domain/task';
import { maxTensorBytes } from './backend/backends';
import { CheckpointReader } from './checkpoint-reader';
import { Classifier, type HeadKind } from './classifier';
import { linearSlots, slotSize, type EncoderSpec, type Slot } from './models/architecture';
import { labelNames } from './models/config';
import { encoderSpec } from './models';
import { attachLora } from './nn/attach-lora';
import type { LoraScaling } from './nn/linear';
import { belongsTo } from './nn/lora';
import { checkedValues, ParameterStore, type Sharding } from './nn/parameters';
import { answersLogarithms, headAsLearned } from './target-head';
import { TASKS } from './tasks';
import type { BuildOptions, HfConfig } from './types';

export interface EngineBuildOptions extends BuildOptions {
  /** Instead of the one that goes with the method. */
  head?: HeadKind;
}

/** The configuration with every dropout rate set to `rate`; each architecture reads the fields it knows. */
function withDropout(config: HfConfig, rate: number | null): HfConfig {
  if (rate === null) return config;
  const fields = [
    'hidden_dropout_prob',
    'attention_probs_dropout_prob',
    'classifier_dropout',
    'dropout',
    'attention_dropout',
    'seq_classif_dropout',
  ];
  return { ...config, ...Object.fromEntries(fields.map((field) => [field, rate])) };
}

function headSlots(spec: EncoderSpec, head: HeadKind, outputs: number): Slot[] {
  if (head === 'mean-pooled') return linearSlots('linear', outputs, spec.hiddenSize, true);
  return head === 'token' ? linearSlots('classifier', outputs, spec.hiddenSize, true) : spec.headSlots(outputs);
}

/**
 * New values of a head's parameter: N(0, initializer_range) for weights, zeros for biases, as transformers draws them.
 */
function freshValues(slot: Slot, spec: EncoderSpec, seed: number): Float32Array {
  const values = new Float32Array(slot.shape.reduce((product, size) => product * size, 1));
  const random = new SeededRandom(seed, slot.name);
  if (slot.fresh === 'normal')
    for (let i = 0; i < values.length; i++) values[i] = random.normal() * spec.initializerRange;
  return values;
}

/** Throws `device` when a parameter, or a row of a table, is larger than what the device can bind. */
export function checkSizes(
  slots: readonly Slot[],
  { tables, most }: Sharding,
  bytesOf = (slot: Slot): number => 4 * slotSize(slot),
): void {
  if (most === null) return;
  for (const slot of slots) {
    const { name } = slot;
    const bytes = bytesOf(slot) / (tables.includes(name) ? (slot.shape[0] ?? 1) : 1);
    if (bytes > most)
      throw new TabtuneError(
        'device',
        `"${name}" needs ${Math.ceil(bytes / 2 ** 20)} MB in one piece; this GPU binds at most ` +
          `${Math.floor(most / 2 ** 20)} MB.`,
        {
          place: { tensor: name },
          fix: 'Train this model on the CPU (WebAssembly): the device can be changed in the header.',
        },
      );
  }
}

/** Whether the checkpoint's last layer is for these very labels, and may be used. */
function sameLabels(config: HfConfig, task: TaskKind, labels: readonly string[]): boolean {
  if (task === 'regression') return true;
  const names = labelNames(config);
  return names !== null && names.length === labels.length && names.every((name, i) => name === labels[i]);
}

/**
 * Values of a head's parameter that came with an adapter for as many outputs, or with the checkpoint where those are
 * `kept`; else null.
 */
function cameWith(
  slot: Slot,
  adapter: BuildOptions['adapter'],
  reader: CheckpointReader,
  kept: boolean,
): Float32Array | null {
  const given = adapter?.get(`base_model.model.${slot.name}`);
  if (given?.shape.join() === slot.shape.join()) return checkedValues(given, slot.name, slot.shape);
  return kept ? reader.values(slot) : null;
}

/** @param isOwnHead it is of a head that the bare encoder has nothing of: an adapter goes on with it trained */
function isTrained(name: string, isOwnHead: boolean, { training, plan }: EngineBuildOptions): boolean {
  const { method, lora } = training;
  if (method === 'full') return true;
  if (method === 'lora')
    return belongsTo(name, lora.modulesToSave) || plan?.saved.has(name) === true || (plan !== undefined && isOwnHead);
  return isOwnHead && name.startsWith('linear.');
}

/** LoRA on the linear layers of these slots that the settings name; modules that are saved whole stay free of it. */
function adapt(
  store: ParameterStore,
  slots: readonly Slot[],
  { training: { lora, seed }, adapter, plan }: EngineBuildOptions,
): LoraScaling {
  const linears = slots.filter(
    (slot) => slot.shape.length === 2 && slot.name.endsWith('.weight') && !/embeddings\./.test(slot.name),
  );
  // PEFT always lists `classifier` and `score` in its adapters, whether the model has them or not.
  for (const module of adapter ? [] : lora.modulesToSave)
    if (!slots.some((slot) => belongsTo(slot.name, [module])))
      throw new TabtuneError('bad-config', `LoRA: this model has no module "${module}" to save.`);
  const layers = linears
    .filter((slot) => plan !== undefined || !belongsTo(slot.name, lora.modulesToSave))
    .map(({ name, shape: [out = 0, inputs = 0] }) => ({ name: name.replace(/\.weight$/, ''), out, inputs }));
  return attachLora(store, layers, { lora, seed, adapter, plan });
}

/**
 * Builds the model on the active backend.
 * @throws `unsupported`, `bad-config`, `bad-model` (naming the tensor), `device` (a parameter too large to bind)
 */
export async function buildModel(options: EngineBuildOptions): Promise<Classifier> {
  const { config, tensors, task, labels, training, adapter, targets = IN_UNIT } = options;
  const { method } = training;
  const { head = method === 'head' ? 'mean-pooled' : 'pooler' } = options;
  const spec = encoderSpec(withDropout(config, training.dropout));
  const reader = new CheckpointReader(tensors, spec.prefix);
  const body = spec.slots;
  const top = headSlots(spec, head, TASKS[task].outputs(labels.length));
  const lastLayer = new Set(top.slice(-2).map((slot) => slot.name));
  const isNumber = task === 'regression';
  // A head that answers logarithms is of no use where numbers are learned as they are, nor the other way round.
  const sameUnit = !isNumber || answersLogarithms(config) === targets.log;
  const reusable = sameUnit && sameLabels(config, task, labels) && top.slice(-2).every((slot) => reader.fits(slot));
  // A frozen body keeps its pooler, if it has one, only so that the exported encoder is whole.
  const carried =
    head === 'mean-pooled'
      ? spec.headSlots(1).filter((slot) => slot.name.startsWith(spec.prefix) && reader.fits(slot))
      : [];
  const sharding = { tables: [spec.wordTable], most: maxTensorBytes() };
  checkSizes([...body, ...top], sharding);
  const store = new ParameterStore(sharding);
  try {
    for (const slot of [...body, ...carried])
      store.add(slot.name, slot.shape, reader.values(slot), isTrained(slot.name, false, options));
    for (const slot of top) {
      const { name, shape } = slot;
      const answers = lastLayer.has(name);
      const fits = !answers || sameUnit;
      const found = fits ? cameWith(slot, adapter, reader, answers ? reusable : reader.fits(slot)) : null;
      const values = found
        ? isNumber && answers
          ? headAsLearned(name, found, targets)
          : found
        : freshValues(slot, spec, training.seed);
      // Without it an adapter could not say in which unit it answers.
      const always = answers && options.targets !== undefined && method === 'lora';
      store.add(name, shape, values, always || isTrained(name, !name.startsWith(spec.prefix), options));
    }
    const lora = method === 'lora' ? adapt(store, [...body, ...top], options) : null;
    return new Classifier({
      spec,
      task,
      method,
      head,
      labels,
      parameters: store,
      lora,
      headFromCheckpoint: reusable || (sameUnit && adapter !== undefined),
      passedOver: !sameUnit && (adapter !== undefined || top.slice(-2).every((slot) => reader.fits(slot))),
      targets,
      lastLayer,
    });
  } catch (error) {
    store.dispose();
    throw error;
  }
}
