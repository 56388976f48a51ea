/** How the cells of the label column are written. */
import { NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import { SEPARATORS } from '../shared/separators';
import type { ClassifyMapping, LabelLayout } from '../shared/schema';
import { separatorInWords } from '../shared/words';

export interface ChoiceProps {
  mapping: ClassifyMapping;
  busy: boolean;
  change: (next: Partial<ClassifyMapping>) => void;
}

const LAYOUT_WORDS: Record<LabelLayout, string> = {
  column: 'The label itself',
  list: 'A list in one column',
  vector: '0 or 1 for each label, in one column',
  'one-hot': 'One column of 0 and 1 for each label',
};

/** The value of a choice for null. */
const EITHER = 'either';

export function CellChoices(props: ChoiceProps) {
  const { task, labelLayout } = props.mapping;
  if (task === 'regression') return <DecimalChoice {...props} />;
  return (
    <>
      <LayoutChoice {...props} />
      {labelLayout === 'list' && <SeparatorChoice {...props} />}
      {labelLayout === 'vector' && <Names key={props.mapping.names.join('\n')} {...props} />}
    </>
  );
}

function LayoutChoice({ mapping, busy, change }: ChoiceProps) {
  const { labelLayout, labels, task } = mapping;
  const offered: LabelLayout[] = task === 'single-label' ? ['column', 'list'] : ['list', 'one-hot'];
  // How many places a vector has is told by its cells, so it can be left and undone, but not chosen.
  const layouts = offered.includes(labelLayout) ? offered : [...offered, labelLayout];
  return (
    <NativeSelect
      label="Labels are written as"
      description={task === 'single-label' ? 'How a row names its label.' : 'How one row names several labels.'}
      disabled={busy}
      value={labelLayout}
      data={layouts.map((value) => ({ value, label: LAYOUT_WORDS[value] }))}
      onChange={(event) => {
        const next = layouts.find((layout) => layout === event.currentTarget.value);
        if (!next) return;
        change({ labelLayout: next, labels: next === 'one-hot' ? labels : labels.slice(0, 1), names: [] });
      }}
    />
  );
}

function SeparatorChoice({ mapping: { separator }, busy, change }: ChoiceProps) {
  const known: readonly (string | null)[] = [null, '', ...SEPARATORS];
  const all = known.includes(separator) ? known : [...known, separator];
  return (
    <NativeSelect
      label="Labels are parted by"
      description="Lists of JSON and Python are read in any case."
      disabled={busy}
      value={separator ?? EITHER}
      data={all.map((value) => ({
        value: value ?? EITHER,
        label: value === '' ? 'nothing: such a cell is one label' : separatorInWords(value),
      }))}
      onChange={(event) => {
        const { value } = event.currentTarget;
        change({ separator: value === EITHER ? null : value });
      }}
    />
  );
}

function DecimalChoice({ mapping: { decimal }, busy, change }: ChoiceProps) {
  return (
    <NativeSelect
      label="Decimal mark"
      description="Of the numbers to predict."
      disabled={busy}
      value={decimal ?? EITHER}
      data={[
        { value: '.', label: 'A point: 1,234.5' },
        { value: ',', label: 'A comma: 1.234,5' },
        ...(decimal === null ? [{ value: EITHER, label: 'As usual for the file' }] : []),
      ]}
      onChange={(event) => {
        const { value } = event.currentTarget;
        change({ decimal: value === '.' || value === ',' ? value : null });
      }}
    />
  );
}

/** Names of the places of a vector, a line each. */
function Names({ mapping: { names }, busy, change }: ChoiceProps) {
  const [draft, setDraft] = useState(names.join('\n'));
  const lines = draft.split('\n').map((line) => line.trim());
  const wrong =
    lines.length !== names.length
      ? `${names.length} names are needed, one a line.`
      : lines.includes('') || new Set(lines).size < lines.length
        ? 'Each label needs a name of its own.'
        : null;
  return (
    <Textarea
      label="Names of the labels"
      description="One a line, in the order of the places."
      autosize
      minRows={2}
      maxRows={10}
      disabled={busy}
      value={draft}
      error={wrong}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => {
        if (wrong === null && lines.join('\n') !== names.join('\n')) change({ names: lines, merged: {} });
      }}
    />
  );
}
