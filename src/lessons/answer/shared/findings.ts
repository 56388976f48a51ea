/** What was noticed in rows for a model that writes, in sentences, each with its remedy where there is one. */
import { rowsOf } from '../../../data/health';
import type { HealthFacts } from '../../../data/reading';
import type { Finding } from '../../../domain/dataset';
import type { WritingMapping } from './columns';
import { REPAIRS, REPAIR_WORDS } from './order';
import type { Repair } from './order';

/** How rows were read where that is not plain, by the name of the mark; goes behind "In 12 rows". */
const READ: Readonly<Record<string, string>> = {
  python: 'lists are written as Python prints them; they are read as such',
  transcript: 'the conversation is one text (Human: … Assistant: …), which is cut into turns',
  alternating:
    'texts stand in a list without roles: the first is taken as the user’s, the second as the assistant’s, and so on',
  pairs: 'questions and answers stand in pairs, which are read as turns',
  history: 'earlier turns come before the question',
  'first-answer': 'there is a list of answers, of which the first is learned',
  reasoning: 'reasoning is kept apart from the answer; it is handed to the chat template',
  weight: 'some answers have weight 0: they are read, not learned',
};

/** What is left out for a reason that is no fault, behind "12 rows are left out:". */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'marked-bad': 'the answer is marked as bad, and only good ones are learned',
  'bad-mark': 'the mark says neither good nor bad',
  'not-learned': 'every answer has weight 0',
  'tool-turns': 'tools are called or answer',
  'has-media': 'there are images, sounds or files',
  'equal-sides': 'both answers are the same, so that there is nothing to prefer',
};

const are = (count: number): string => (count === 1 ? 'is' : 'are');

export function findings({ marks, byProblem }: HealthFacts['scan'], mapping: WritingMapping): Finding[] {
  const wanted = mapping.repair ?? [];
  const withRepair = (repair: readonly Repair[]): WritingMapping => ({ ...mapping, repair });
  const found: Finding[] = [];
  for (const repair of REPAIRS) {
    const { problem, name, done, label } = REPAIR_WORDS[repair];
    const left = byProblem.get(problem) ?? 0;
    const mended = marks.get(repair)?.count ?? 0;
    if (left > 0 && !wanted.includes(repair))
      found.push({
        text: `${rowsOf(left)} ${are(left)} left out that could be used. ${name}?`,
        action: { label, mapping: withRepair([...wanted, repair]) },
      });
    if (mended > 0)
      found.push({
        text: `In ${rowsOf(mended)} ${done}.`,
        action: { label: 'Leave these rows out instead', mapping: withRepair(wanted.filter((one) => one !== repair)) },
      });
  }
  for (const [problem, why] of Object.entries(LEFT_OUT)) {
    const count = byProblem.get(problem) ?? 0;
    if (count > 0) found.push({ text: `${rowsOf(count)} ${are(count)} left out: ${why}.` });
  }
  for (const [mark, what] of Object.entries(READ)) {
    const count = marks.get(mark)?.count ?? 0;
    if (count > 0) found.push({ text: `In ${rowsOf(count)} ${what}.` });
  }
  return found;
}
