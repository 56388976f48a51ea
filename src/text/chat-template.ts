/**
 * Chat templates: Jinja programs from strangers, run as transformers runs them and within a budget of steps, sizes and
 * time so that none can hang or fill the worker.
 */
import { TabtuneError } from '../base/errors';
import type { ChatMessage } from '../domain/conversation';
import { Exceeded, parse, Refusal, render } from './jinja';
import type { Span, Template, TemplateLimits } from './jinja';

export type { TemplateLimits } from './jinja';

export const TEMPLATE_LIMITS: TemplateLimits = {
  steps: 1_000_000,
  characters: 4_000_000,
  values: 100_000,
  elapsedMs: 1000,
};

/** Longest template; the largest public ones have 20,000 characters. */
const LONGEST_TEMPLATE = 64 * 1024;

/** What a template is given beside the conversation. */
export interface TemplateVariables {
  /** Special tokens by names such as `bos_token`; those that a model lacks are left out. */
  tokens: Readonly<Record<string, string>>;
  /** Gives `strftime_now` its time; a fixed one in tests. */
  now?: () => Date;
}

/** A conversation as text, and which of its characters the template itself marks as the assistant's. */
export interface Rendered {
  text: string;
  /** What stands in `{% generation %}` blocks, in order. */
  generated: readonly Span[];
}

const FIX = 'Choose one of the standard templates instead.';

/** A parsed template. */
export class ChatTemplate {
  private readonly program: Template;
  /** Whether it marks what the assistant writes. */
  readonly marks: boolean;

  /** Throws `bad-tokenizer` for a template that is too long, is no Jinja, or uses a part of it that is not there. */
  constructor(
    readonly source: string,
    private readonly limits: TemplateLimits = TEMPLATE_LIMITS,
    private readonly clock: () => number = () => performance.now(),
  ) {
    if (source.length > LONGEST_TEMPLATE)
      throw new TabtuneError('bad-tokenizer', `The chat template is too long: ${source.length} characters.`, {
        fix: FIX,
      });
    try {
      this.program = parse(source);
    } catch (cause) {
      throw new TabtuneError('bad-tokenizer', `The chat template cannot be read: ${said(cause)}`, { fix: FIX, cause });
    }
    this.marks = /\{%[-+]?\s{0,99}generation\b/.test(source);
  }

  /** The conversation as text; see `marked`. */
  render(messages: readonly ChatMessage[], addGenerationPrompt: boolean, variables: TemplateVariables): string {
    return this.marked(messages, addGenerationPrompt, variables).text;
  }

  /**
   * The conversation as text. Throws `bad-data` when the template refuses it (`raise_exception`), and `bad-tokenizer`
   * when the template fails or takes more than its limits: it then loops or builds something without end.
   */
  marked(
    messages: readonly ChatMessage[],
    addGenerationPrompt: boolean,
    { tokens, now = () => new Date() }: TemplateVariables,
  ): Rendered {
    const variables = {
      ...tokens,
      messages: messages.map(asGiven),
      // As transformers hands them over where there are none.
      tools: null,
      documents: null,
      add_generation_prompt: addGenerationPrompt,
    };
    try {
      return render(this.program, variables, { limits: this.limits, clock: this.clock, now });
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

/** A message as transformers hands it to a template: reasoning goes by two names. */
function asGiven({ role, content, reasoning }: ChatMessage): Readonly<Record<string, string>> {
  return reasoning === undefined
    ? { role, content }
    : { thinking: reasoning, role, content, reasoning_content: reasoning };
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
