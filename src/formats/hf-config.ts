/**
 * Understands `config.json` of transformers 4 and 5: which architecture it describes, and whether its figures can be
 * true.
 */
import { TabtuneError } from '../base/errors';
import { decoderNamed, DECODERS, encoderNamed, ENCODERS } from '../domain/architectures';
import type { DecoderArchitecture, EncoderArchitecture } from '../domain/architectures';
import { PROBLEM_TYPE } from '../domain/task';
import type { TaskKind } from '../domain/task';

const FILE = 'config.json';
/** `BERT (`bert`), DistilBERT (`distilbert`) and …`. */
function listed(table: Record<string, { title: string }>): string {
  const all = Object.entries(table).map(([name, { title }]) => `${title} (\`${name}\`)`);
  return `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

const SUPPORTED = `Supported are the encoders ${listed(ENCODERS)}, and the language models ${listed(DECODERS)}.`;

function unsupported(message: string): never {
  throw new TabtuneError('unsupported', message, { place: { file: FILE }, fix: SUPPORTED });
}

function badConfig(message: string): never {
  throw new TabtuneError('bad-model', `${FILE}: ${message}`, {
    place: { file: FILE },
    fix: 'Take the unchanged config.json of the model.',
  });
}

function positive(config: Readonly<Record<string, unknown>>, field: string): number {
  const value = config[field];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    return badConfig(`\`${field}\` must be a whole number above 0, not ${JSON.stringify(value)}.`);
  return value;
}

/**
 * The architecture, after checking that every size is there and fits the others. Throws `unsupported` naming what is
 * supported for any other `model_type`, and `bad-model` for figures that cannot be true.
 */
export function describeConfig(config: Readonly<Record<string, unknown>>): {
  architecture: EncoderArchitecture | DecoderArchitecture;
} {
  const type = config['model_type'];
  if (typeof type !== 'string') unsupported('config.json has no `model_type`, so the architecture is unknown.');
  const [encoder, decoder] = [encoderNamed(type), decoderNamed(type)];
  const architecture = encoder ?? decoder;
  if (architecture === undefined) return unsupported(`The architecture \`${type}\` is not supported.`);
  if (encoder && (config['is_decoder'] === true || config['is_encoder_decoder'] === true))
    unsupported(`This \`${type}\` is set up as a decoder.`);
  const positions = config['position_embedding_type'];
  if (encoder && positions !== undefined && positions !== null && positions !== 'absolute')
    unsupported(`Position embeddings of type ${JSON.stringify(positions)} are not supported.`);
  const { width, layers, heads, more } = { ...ENCODERS, ...DECODERS }[architecture].sizes;
  const size = positive(config, width);
  const split = positive(config, heads);
  // Heads of Llama and its kin may have a size of their own.
  if (size % split !== 0 && typeof config['head_dim'] !== 'number')
    badConfig(`\`${width}\` (${size}) is not a multiple of \`${heads}\` (${split}).`);
  for (const field of [layers, ...more]) positive(config, field);
  return { architecture };
}

/** As `describeConfig`, for encoders alone: throws `unsupported` for language models. */
export function encoderArchitecture(config: Readonly<Record<string, unknown>>): EncoderArchitecture {
  const { architecture } = describeConfig(config);
  return encoderNamed(architecture) ?? unsupported(`\`${architecture}\` is a language model, not an encoder.`);
}

/**
 * Maps class indices to names and back as `config.json` stores them; a name that occurs twice is an `internal` error.
 */
function labelMaps(labels: readonly string[]): { id2label: Record<string, string>; label2id: Map<string, number> } {
  const label2id = new Map(labels.map((label, index) => [label, index]));
  if (label2id.size !== labels.length) throw new TabtuneError('internal', 'Two labels have the same name.');
  return { id2label: Object.fromEntries(labels.map((label, index) => [String(index), label])), label2id };
}

/**
 * `config.json` of a classifier: the base model's with labels, task and type of the weights set. Regression carries one
 * label.
 */
export function classifierConfig(options: {
  config: Readonly<Record<string, unknown>>;
  labels: readonly string[];
  task: TaskKind;
  architectures: readonly string[];
}): Record<string, unknown> {
  const labels = options.labels.length > 0 ? options.labels : ['LABEL_0'];
  const { id2label, label2id } = labelMaps(labels);
  const config: Record<string, unknown> = { ...options.config };
  // Names of former versions that would contradict what is written here.
  for (const field of ['torch_dtype', '_num_labels', 'num_labels', '_name_or_path']) delete config[field];
  return {
    ...config,
    architectures: [...options.architectures],
    dtype: 'float32',
    id2label,
    // fromEntries defines own properties, so that a label named `__proto__` stays a label.
    label2id: Object.fromEntries(label2id),
    problem_type: PROBLEM_TYPE[options.task],
  };
}
