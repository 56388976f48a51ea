/**
 * Rows as tools for labelling write them, put flat: texts and labels come out as columns. Each row is told by itself,
 * so that files of any length are read as they stream by. A single label is given as it is, several as a JSON list.
 */
import { isList, isObject } from '../../base/json';
import { entriesOf } from './json-values';

export type Entries = [string, unknown][];

/** One label as it is, several as a list, none as nothing. */
const labelCell = (labels: readonly unknown[]): unknown =>
  labels.length === 1 ? labels[0] : labels.length ? labels : null;

const get = (entries: Entries, name: string): unknown => entries.find(([key]) => key === name)?.[1];
const isTexts = (value: unknown): value is string[] => isList(value) && value.every((item) => typeof item === 'string');
const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** What Prodigy's rows have beside `accept`. */
const PRODIGY: readonly string[] = ['options', 'answer'];

export class Shaper {
  private severalAnnotations = 0;
  private notAnnotated = 0;
  private leftOut = new Set<string>();
  private notAccepted = 0;

  /** The row of an object's entries. */
  shape(entries: Entries): Entries {
    if (entries.length < 2) return entries;
    const [data, annotations] = [get(entries, 'data'), get(entries, 'annotations') ?? get(entries, 'completions')];
    if (isObject(data) && isList(annotations)) return this.labelStudio(entries, data, annotations);
    if (isList(get(entries, 'accept')) && entries.some(([key]) => PRODIGY.includes(key))) return this.prodigy(entries);
    const cats = get(entries, 'cats');
    if (isObject(cats) && typeof get(entries, 'text') === 'string') return spacy(entries, cats);
    const [row, rowNumber] = [get(entries, 'row'), get(entries, 'row_idx')];
    if (isObject(row) && rowNumber !== undefined) return entriesOf(row);
    return withoutWrappers(entries);
  }

  /** The row of a list: numbered columns, or spaCy's pair of a text and what is said of it. */
  shapeList(items: readonly unknown[]): Entries {
    const [text, said] = items;
    if (items.length === 2 && typeof text === 'string' && isObject(said) && isObject(said['cats']))
      return spacy([['text', text], ...entriesOf(said)], said['cats']);
    return items.map((item, i) => [`column ${i + 1}`, item]);
  }

  /** What was left out, in sentences. */
  words(): string[] {
    const out: string[] = [];
    if (this.severalAnnotations > 0)
      out.push(
        `${counted(this.severalAnnotations, 'task has', 'tasks have')} several annotations; the first that was not ` +
          'cancelled is taken.',
      );
    if (this.notAnnotated > 0)
      out.push(`${counted(this.notAnnotated, 'task has', 'tasks have')} no annotation, and so no label.`);
    if (this.leftOut.size > 0)
      out.push(
        `Of the tasks of Label Studio these fields were not read: ${[...this.leftOut].slice(0, 12).join(', ')}.`,
      );
    if (this.notAccepted > 0)
      out.push(
        `${counted(this.notAccepted, 'row was', 'rows were')} rejected or ignored when they were labelled, ` +
          'and have no label here.',
      );
    return out;
  }

  private labelStudio(entries: Entries, data: object, annotations: readonly unknown[]): Entries {
    const usable = annotations.filter(isObject).filter((one) => one['was_cancelled'] !== true);
    if (usable.length > 1) this.severalAnnotations++;
    const results = usable[0]?.['result'];
    const row: Entries = [];
    const id = get(entries, 'id');
    if (id !== undefined) row.push(['id', id]);
    row.push(...entriesOf(data).filter(([key]) => key !== 'id' || id === undefined));
    const answers = answersOf(isList(results) ? results : []);
    if (answers.length === 0) this.notAnnotated++;
    for (const [name, cell] of answers) row.push([row.some(([key]) => key === name) ? `${name} (label)` : name, cell]);
    for (const [key] of entries) if (!['id', 'data', 'annotations', 'completions'].includes(key)) this.leftOut.add(key);
    return row;
  }

  private prodigy(entries: Entries): Entries {
    const answer = get(entries, 'answer');
    const refused = answer !== undefined && answer !== 'accept';
    if (refused) this.notAccepted++;
    const accept = get(entries, 'accept');
    const label: [string, unknown] = ['label', refused || !isList(accept) ? null : labelCell(accept)];
    const rest = entries.filter(
      ([key]) => !['accept', 'options', 'label', 'config', 'style'].includes(key) && !key.startsWith('_'),
    );
    return [...rest, label];
  }
}

/** What was answered, by the name of the question. */
function answersOf(results: readonly unknown[]): Entries {
  const answers = new Map<string, unknown[]>();
  for (const result of results.filter(isObject)) {
    const name = result['from_name'];
    const { value } = result;
    if (typeof name !== 'string' || !isObject(value)) continue;
    const given = answers.get(name) ?? [];
    answers.set(name, [...given, ...answerOf(value)]);
  }
  return [...answers].map(([name, given]) => [name, labelCell(given)]);
}

/** One answer: choices, a number, texts; of spans and the like everything. */
function answerOf(value: Readonly<Record<string, unknown>>): unknown[] {
  if (isList(value['choices'])) return value['choices'];
  if (isList(value['taxonomy'])) return value['taxonomy'].map((path) => (isTexts(path) ? path.join(' / ') : path));
  for (const name of ['rating', 'number', 'datetime']) if (value[name] !== undefined) return [value[name]];
  const { text } = value;
  if (isTexts(text) && value['start'] === undefined) return [text.join('\n')];
  return [value];
}

/** spaCy's `{"food": 1.0, "sport": 0.0}` as the names that are 1; scores between stay as they are. */
function spacy(entries: Entries, cats: object): Entries {
  const scores = entriesOf(cats);
  if (scores.some(([, score]) => ![0, 1, true, false].includes(score as number))) return entries;
  const labels = scores.filter(([, score]) => score === 1 || score === true).map(([name]) => name);
  return entries.map(([key, value]): [string, unknown] =>
    key === 'cats' ? [entries.some(([name]) => name === 'label') ? 'cats' : 'label', labelCell(labels)] : [key, value],
  );
}

/** `{"choices": […]}`, as Label Studio's JSON-MIN has it for several, as a list; doccano's `data` as the text it is. */
function withoutWrappers(entries: Entries): Entries {
  const names = new Set(entries.map(([key]) => key));
  const doccano = names.has('data') && names.has('label') && !names.has('text');
  return entries.map(([key, value]): [string, unknown] => {
    if (doccano && key === 'data' && typeof value === 'string') return ['text', value];
    if (!isObject(value) || !isList(value['choices']) || Object.keys(value).length !== 1) return [key, value];
    return [key, labelCell(value['choices'])];
  });
}
