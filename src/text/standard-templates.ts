/** Chat templates for models that bring none: the usual ways to write a conversation, as Jinja. */

import type { StandardTemplateId } from '../domain/language-config';

export interface StandardTemplate {
  id: StandardTemplateId;
  name: string;
  /** When to take it. */
  about: string;
  source: string;
  /** Tokens that end a turn beside the tokenizer's own end token. */
  endTokens: readonly string[];
}

const CHATML =
  '{% for message in messages %}' +
  "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}" +
  '{% endfor %}\n' +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const LLAMA_3 =
  '{{ bos_token }}{% for message in messages %}\n' +
  "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' " +
  "+ message['content'] | trim + '<|eot_id|>' }}{% endfor %}\n" +
  "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";

const LLAMA_2 =
  "{% set ns = namespace(system='') %}{% for message in messages %}\n" +
  "{% if message['role'] == 'system' %}" +
  "{% set ns.system = '<<SYS>>\\n' + message['content'] + '\\n<</SYS>>\\n\\n' %}\n" +
  "{% elif message['role'] == 'user' %}" +
  "{{ bos_token ~ '[INST] ' + ns.system + message['content'] | trim + ' [/INST]' }}" +
  "{% set ns.system = '' %}\n" +
  "{% else %}{{ ' ' + message['content'] | trim + ' ' ~ eos_token }}{% endif %}{% endfor %}";

const ALPACA =
  '{{ bos_token }}{% for message in messages %}\n' +
  "{% if message['role'] == 'system' %}{{ message['content'] | trim + '\\n\\n' }}\n" +
  "{%- elif message['role'] == 'user' %}" +
  "{{ '### Instruction:\\n' + message['content'] | trim + '\\n\\n' }}\n" +
  "{%- else %}{{ '### Response:\\n' + message['content'] | trim ~ eos_token }}{% if not loop.last %}" +
  "{{ '\\n\\n' }}{% endif %}{% endif %}{% endfor %}\n" +
  "{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}";

const PLAIN =
  '{{ bos_token }}{% for message in messages %}\n' +
  "{% if message['role'] == 'assistant' %}{{ message['content'] ~ eos_token }}{% else %}" +
  "{{ message['content'] + '\\n' }}{% endif %}{% endfor %}";

export const STANDARD_TEMPLATES: readonly StandardTemplate[] = [
  {
    id: 'chatml',
    name: 'ChatML',
    about: 'Qwen, SmolLM and many others; best when the tokenizer knows <|im_start|>.',
    source: CHATML,
    endTokens: ['<|im_end|>'],
  },
  {
    id: 'llama-3',
    name: 'Llama 3',
    about: 'For models with the Llama 3 tokenizer.',
    source: LLAMA_3,
    endTokens: ['<|eot_id|>'],
  },
  {
    id: 'llama-2',
    name: 'Llama 2',
    about: '[INST] … [/INST], for Llama 2 and its kin.',
    source: LLAMA_2,
    endTokens: [],
  },
  {
    id: 'alpaca',
    name: 'Alpaca',
    about: 'Headings in plain words: for base models without tokens of their own for turns.',
    source: ALPACA,
    endTokens: [],
  },
  {
    id: 'plain',
    name: 'Plain',
    about: 'Question, line break, answer, nothing else: for completing rather than chatting.',
    source: PLAIN,
    endTokens: [],
  },
];

/** The template that fits a tokenizer best, by the special tokens that it knows. */
export function suggestTemplate(idOf: (token: string) => number | null): StandardTemplateId {
  if (idOf('<|im_start|>') !== null && idOf('<|im_end|>') !== null) return 'chatml';
  if (idOf('<|start_header_id|>') !== null && idOf('<|eot_id|>') !== null) return 'llama-3';
  return 'alpaca';
}
