/**
 * What repeats a run elsewhere: train.py (transformers, PEFT, TRL), recipe.json with every setting, rows.jsonl with the
 * rows.
 */
import { throwIfCancelled } from '../../../../base/errors';
import type { ChatMessage, LanguageExample } from '../../../../domain/conversation';
import type { SplitName } from '../../../../domain/task';
import type { Export, OutFile } from '../../../../worker/run/export';
import { conversations } from '../rows';
import type { WritingRun } from '../run';
import { recipeFile, recipeOf } from './recipe';
import type { RecipeParts } from './recipe';
import script from './train-script.py?raw';

export const trainScript: Export<WritingRun> = {
  id: 'train-script',
  card: {
    title: 'The same run in Python',
    forWhom: 'For whoever outgrows the tab',
    about:
      'train.py for transformers, PEFT and TRL, with recipe.json (every setting, seed and version) and the ' +
      'rows: it repeats this run elsewhere.',
    use: 'accelerate launch train.py',
  },
  methods: ['full', 'lora'],
  async write(run, _, { session, context }) {
    const dataset = run.ownDataset(session);
    const read = run.kind.reader(run.start.mapping, dataset.info);
    const rows: [SplitName, LanguageExample][] = [];
    for (const split of ['train', 'validation'] as const)
      for (const example of conversations(split, { dataset, read })) rows.push([split, example]);
    throwIfCancelled(context.signal);
    return trainingFiles(recipeOf(run), rows);
  },
};

/** A turn under the names that others know: OpenAI's `weight`, and `reasoning_content`. */
const messageFor = ({ role, content, reasoning, learned }: ChatMessage): Record<string, unknown> => ({
  role,
  content,
  ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
  ...(learned === false ? { weight: 0 } : {}),
});

/** A row as train.py reads it: `split` beside `messages`, `text`, or `prompt`, `chosen` and `rejected`. */
function rowFor(split: SplitName, example: LanguageExample): Record<string, unknown> {
  switch (example.kind) {
    case 'chat':
      return { split, row: example.row, messages: example.messages.map(messageFor) };
    case 'text':
      return { split, row: example.row, text: example.text };
    case 'preference':
      return {
        split,
        row: example.row,
        prompt: example.prompt.map(messageFor),
        chosen: example.chosen,
        rejected: example.rejected,
      };
  }
}

/** The three files; `rows` are those of training and validation. */
export function trainingFiles(recipe: RecipeParts, rows: Iterable<readonly [SplitName, LanguageExample]>): OutFile[] {
  const lines = Array.from(rows, ([split, example]) => `${JSON.stringify(rowFor(split, example))}\n`);
  const encoder = new TextEncoder();
  return [
    { path: 'train.py', bytes: encoder.encode(script) },
    recipeFile(recipe),
    { path: 'rows.jsonl', bytes: encoder.encode(lines.join('')) },
  ];
}
