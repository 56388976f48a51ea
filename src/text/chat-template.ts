/**
 * Chat templates: Jinja programs from strangers, run within a budget of steps, sizes and time so that none can hang or
 * fill the worker.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { TabtuneError } from '../base/errors';
import type { ChatMessage } from '../domain/conversation';

/** What bounds one rendering. Real templates take a few thousand steps for a long conversation. */
export interface TemplateLimits {
  /** Expressions and statements that are evaluated. */
  steps: number;
  /** Characters of any one string, the result included. */
  characters: number;
  /** Values in any one list or object, nested ones included. */
  values: number;
  elapsedMs: number;
}

export const TEMPLATE_LIMITS: TemplateLimits = {
  steps: 1_000_000,
  characters: 4_000_000,
  values: 50_000,
  elapsedMs: 1000,
};

/** Longest template, and longest run of white space in it: the lexer's patterns take quadratic time on such runs. */
const LONGEST_TEMPLATE = 64 * 1024;
const LONGEST_SPACE = /\s{1000}/;

/** The special tokens that templates write, and the date for those that name it. */
export interface TemplateVariables {
  bosToken: string;
  eosToken: string;
  /** Gives `strftime_now` its time; a fixed one in tests. */
  now?: () => Date;
}

type Program = ReturnType<typeof parse>;
type Statement = Parameters<Interpreter['evaluate']>[0];
type Value = ReturnType<Interpreter['evaluate']>;

/** Thrown by a template's own `raise_exception`: it refuses the conversation. */
class Refusal extends Error {}
class Exceeded extends Error {}

/** An interpreter that counts what it evaluates and weighs what comes out. */
class BoundedInterpreter extends Interpreter {
  private steps = 0;
  private readonly deadline: number;

  constructor(
    environment: Environment,
    private readonly limits: TemplateLimits,
    private readonly clock: () => number,
  ) {
    super(environment);
    this.deadline = clock() + limits.elapsedMs;
  }

  override evaluate(statement: Statement, environment: Environment): Value {
    if (++this.steps > this.limits.steps) throw new Exceeded(`it takes more than ${this.limits.steps} steps`);
    if (this.clock() > this.deadline) throw new Exceeded(`it takes longer than ${this.limits.elapsedMs / 1000} s`);
    const value = super.evaluate(statement, environment);
    if (typeof value.value === 'string' && value.value.length > this.limits.characters)
      throw new Exceeded(`it makes a text of more than ${this.limits.characters} characters`);
    if (typeof value.value === 'object' && value.value !== null && !weighsLess(value, this.limits.values))
      throw new Exceeded(`it makes a list of more than ${this.limits.values} values`);
    return value;
  }
}

/** Whether a value holds no more than `limit` values, those that it holds several times counted as often. */
function weighsLess(value: Value, limit: number): boolean {
  const open: Value[] = [value];
  for (let weight = 0; open.length > 0; weight++) {
    if (weight > limit) return false;
    const inner: unknown = open.pop()?.value;
    if (Array.isArray(inner)) for (const item of inner as Value[]) open.push(item);
    else if (inner instanceof Map) for (const item of (inner as Map<string, Value>).values()) open.push(item);
    if (open.length > limit) return false;
  }
  return true;
}

function boundedRange(limit: number) {
  return (first: number, last?: number, step = 1): number[] => {
    const [start, stop] = last === undefined ? [0, first] : [first, last];
    if (step === 0) throw new Error('range() with a step of 0');
    const count = Math.max(0, Math.ceil((stop - start) / step));
    if (!(count <= limit)) throw new Exceeded(`it counts to more than ${limit}`);
    return Array.from({ length: count }, (_, i) => start + i * step);
  };
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The directives of Python's `strftime` that templates use. */
function formatDate(format: string, date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = MONTHS[date.getMonth()] ?? '';
  const day = DAYS[date.getDay()] ?? '';
  const parts: Record<string, string> = {
    Y: String(date.getFullYear()),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    H: two(date.getHours()),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    '%': '%',
  };
  return format.replace(/%([A-Za-z%])/g, (directive, letter: string) => parts[letter] ?? directive);
}

const FIX = 'Choose one of the standard templates instead.';

/** A parsed template. */
export class ChatTemplate {
  private readonly program: Program;

  /** Throws `bad-tokenizer` for a template that is too long or is no Jinja. */
  constructor(
    readonly source: string,
    private readonly limits: TemplateLimits = TEMPLATE_LIMITS,
    private readonly clock: () => number = () => performance.now(),
  ) {
    if (source.length > LONGEST_TEMPLATE || LONGEST_SPACE.test(source))
      throw new TabtuneError(
        'bad-tokenizer',
        `The chat template is too long: ${source.length} characters, or too much white space in a row.`,
        { fix: FIX },
      );
    try {
      this.program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
    } catch (cause) {
      throw new TabtuneError('bad-tokenizer', `The chat template cannot be read: ${said(cause)}`, { fix: FIX, cause });
    }
  }

  /**
   * The conversation as text. Throws `bad-data` when the template refuses it (`raise_exception`), and `bad-tokenizer`
   * when the template fails or takes more than its limits: it then loops or builds something without end.
   */
  render(
    messages: readonly ChatMessage[],
    addGenerationPrompt: boolean,
    { bosToken, eosToken, now = () => new Date() }: TemplateVariables,
  ): string {
    const environment = new Environment();
    const globals: Record<string, unknown> = {
      true: true,
      True: true,
      false: false,
      False: false,
      none: null,
      None: null,
      raise_exception: (message: unknown) => {
        throw new Refusal(String(message));
      },
      range: boundedRange(this.limits.values),
      strftime_now: (format: string) => formatDate(format, now()),
      messages,
      add_generation_prompt: addGenerationPrompt,
      bos_token: bosToken,
      eos_token: eosToken,
    };
    for (const [name, value] of Object.entries(globals)) environment.set(name, value);
    try {
      const text: unknown = new BoundedInterpreter(environment, this.limits, this.clock).run(this.program).value;
      return typeof text === 'string' ? text : '';
    } catch (cause) {
      if (cause instanceof Refusal)
        throw new TabtuneError('bad-data', `The chat template refuses this conversation: ${cause.message}`, {
          fix: 'Change the row, or choose another template.',
          cause,
        });
      const what = cause instanceof Exceeded ? `does not come to an end: ${cause.message}.` : `fails: ${said(cause)}`;
      throw new TabtuneError('bad-tokenizer', `The chat template ${what}`, { fix: FIX, cause });
    }
  }
}

function said(cause: unknown): string {
  const message =
    cause instanceof RangeError
      ? 'it is nested too deeply, or makes too much'
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return message.length > 300 ? `${message.slice(0, 300)}…` : message;
}

/**
 * The template of a model folder: `chat_template.jinja`, else the one in tokenizer_config.json (of several, the
 * default). Null without.
 */
export function templateSource(
  jinja: string | null,
  tokenizerConfig: Readonly<Record<string, unknown>>,
): string | null {
  if (jinja !== null) return jinja;
  const given = tokenizerConfig['chat_template'];
  if (typeof given === 'string') return given;
  if (!Array.isArray(given)) return null;
  const named = (given as ({ name?: unknown; template?: unknown } | null)[]).find((entry) => entry?.name === 'default');
  return typeof named?.template === 'string' ? named.template : null;
}
