/**
 * How a given model writes conversations: its template or a chosen one, its special tokens, and where its turns end.
 */
import { isList } from '../base/json';
import type { Json } from '../base/json';
import { TabtuneError } from '../base/errors';
import type { MarkedToken } from '../domain/conversation';
import type { TemplateChoice } from '../domain/language-config';
import type { ChatFormat, MarkedTokens } from './chat-renderer';
import { ChatTemplate, templateSource } from './chat-template';
import { STANDARD_TEMPLATES, suggestTemplate } from './standard-templates';
import type { TextTokenizer } from './tokenizer';

/** What a model's files say about conversations. */
export interface ChatSources {
  tokenizer: TextTokenizer;
  /** special_tokens_map.json and tokenizer_config.json, the latter on top; empty for a GGUF. */
  settings: Json;
  config: Json;
  generationConfig: Json | null;
  /** The model's own template, or null. */
  template: string | null;
}

/** What a checkpoint's files say; `files` as formats/chat-files.ts reads them. */
export function chatSources(
  tokenizer: TextTokenizer,
  config: Json,
  files: { settings: Json; generationConfig: Json | null; jinja: string | null } | null,
): ChatSources {
  const { settings, generationConfig, jinja } = files ?? { settings: {}, generationConfig: null, jinja: null };
  return { tokenizer, settings, config, generationConfig, template: templateSource(jinja, settings) };
}

/** The choice when a person makes none: the model's own template, else the standard one that its tokens suggest. */
export function defaultTemplate({ tokenizer, template }: Pick<ChatSources, 'tokenizer' | 'template'>): TemplateChoice {
  return template === null ? suggestTemplate((token) => tokenizer.idOf(token)) : 'own';
}

/** The template's source under a choice; null for the model's own where it has none. */
export const templateText = ({ template }: Pick<ChatSources, 'template'>, choice: TemplateChoice): string | null =>
  STANDARD_TEMPLATES.find(({ id }) => id === choice)?.source ?? template;

/**
 * The format under a choice. Throws `bad-config` for the model's own template where it has none, and `bad-tokenizer`
 * for a template that cannot be read.
 */
export function chatFormat(sources: ChatSources, choice: TemplateChoice): ChatFormat {
  const { tokenizer, settings, config, generationConfig } = sources;
  const standard = STANDARD_TEMPLATES.find(({ id }) => id === choice);
  const source = templateText(sources, choice);
  if (source === null)
    throw new TabtuneError('bad-config', 'This model brings no chat template.', {
      fix: 'Choose one of the standard templates.',
    });
  const known = (id: number): boolean => id >= 0 && id < tokenizer.vocabularySize;
  const ends = [...idsIn(generationConfig?.['eos_token_id']), ...idsIn(config['eos_token_id'])].filter(known);
  const tokens = specialTokens(sources);
  const written = tokenOf(settings['eos_token']);
  const eosId = (written === null ? null : tokenizer.idOf(written)) ?? ends[0] ?? null;
  const turnEnds = (standard?.endTokens ?? []).map((token) => tokenizer.idOf(token));
  return {
    tokenizer,
    template: new ChatTemplate(source),
    variables: { tokens },
    eosId,
    stopIds: new Set([...ends, ...turnEnds, eosId].filter((id) => id !== null)),
  };
}

/**
 * The special tokens that templates know by name, as transformers finds them: what the files say, also that there is
 * none; where they say nothing, the ids of the configuration. Templates see a token that is not there as undefined.
 */
function specialTokens({ tokenizer, settings, config, generationConfig }: ChatSources): Record<string, string> {
  const tokens: Record<string, string> = {};
  // These classes have no token of their own.
  const own = /^(PreTrainedTokenizer|Qwen2Tokenizer|TokenizersBackend)/.test(String(settings['tokenizer_class']));
  for (const [name, value] of Object.entries(settings)) {
    const token = name.endsWith('_token') ? tokenOf(value) : null;
    if (token !== null) tokens[name] = token;
  }
  for (const kind of ['bos', 'eos'] as const) {
    const name = `${kind}_token`;
    if (name in tokens || (own && kind === 'bos') || settings[name] === null) continue;
    const ids = [...idsIn(generationConfig?.[`${name}_id`]), ...idsIn(config[`${name}_id`])];
    const id = ids.find((each) => each >= 0 && each < tokenizer.vocabularySize);
    if (id !== undefined) tokens[name] = tokenizer.spell(id);
  }
  return tokens;
}

/** One id, or several, as configurations give them. */
function idsIn(value: unknown): number[] {
  return (isList(value) ? value : [value]).filter((id): id is number => typeof id === 'number' && Number.isInteger(id));
}

/** A token as tokenizer_config.json writes it: the text itself, or an object around it. */
function tokenOf(value: unknown): string | null {
  const content = typeof value === 'object' && value !== null ? (value as Json)['content'] : value;
  return typeof content === 'string' ? content : null;
}

/** The exact tokens of a sequence, each with whether it is trained on. */
export function spellOut(
  tokenizer: TextTokenizer,
  { ids, trained }: Pick<MarkedTokens, 'ids' | 'trained'>,
): MarkedToken[] {
  return Array.from(ids, (id, i) => ({ text: readable(tokenizer, id), id, trained: trained[i] === 1 }));
}

function readable(tokenizer: TextTokenizer, id: number): string {
  const spelling = tokenizer.spell(id);
  // SentencePiece writes spaces as U+2581, and its decoder drops the first one of a text.
  if (spelling.includes('\u2581')) return spelling.replaceAll('\u2581', ' ');
  const text = tokenizer.decode([id], false);
  return text === '' || text.includes('\ufffd') ? spelling : text;
}
