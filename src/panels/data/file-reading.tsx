/** How the file was read, and what can be put right: encoding, delimiter, quotes, header, comments. */
import { Accordion, Button, Checkbox, Group, NativeSelect, NumberInput, SimpleGrid, Text } from '@mantine/core';
import { useState } from 'react';
import { ENCODING_WORDS } from '../../data/tables/encoding-words';
import type { DatasetInfo, Quoting, ReadWishes, TextEncodingName } from '../../domain/dataset';
import { TEXT_ENCODINGS } from '../../domain/dataset';
import { sameValue } from '../../base/same-value';
import { useData } from '../../store';

const DELIMITERS = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Vertical bar' },
  { value: ':', label: 'Colon' },
  { value: ' ', label: 'Blank' },
  { value: '^', label: 'Caret (^)' },
  { value: '~', label: 'Tilde (~)' },
];
const QUOTES: { value: Quoting; label: string }[] = [
  { value: 'quotes', label: 'Quotes stand around cells' },
  { value: 'backslash', label: 'Quotes, with \\" inside cells' },
  { value: 'none', label: 'Quotes are part of the text' },
];
const COMMENTS = ['', '#', '//', '%', ';', '--'].map((value) => ({
  value,
  label: value === '' ? 'No comments' : `Lines that begin with ${value}`,
}));

/** What the controls begin with: how the file was read. */
const asRead = ({ source }: DatasetInfo): ReadWishes => ({
  ...(source.encoding ? { encoding: source.encoding } : {}),
  ...(source.delimiter
    ? {
        delimiter: source.delimiter,
        quoting: source.quoting ?? 'quotes',
        hasHeader: source.hasHeader ?? true,
        firstLine: source.firstLine ?? 1,
        comment: source.comment ?? '',
      }
    : {}),
});

/** What differs from how the file was read, and what was wished before. */
function wishesOf(wanted: ReadWishes, read: ReadWishes, before: ReadWishes): ReadWishes {
  const changed = Object.entries(wanted).filter(([name, value]) => value !== read[name as keyof ReadWishes]);
  return { ...before, ...(Object.fromEntries(changed) as ReadWishes) };
}

export function FileReading({ info, busy }: { info: DatasetInfo; busy: boolean }) {
  if (!info.source.encoding) return null;
  return (
    <Accordion variant="separated" radius="md">
      <Accordion.Item value="reading">
        <Accordion.Control>
          How the file was read
          <Text size="sm" c="dimmed">
            {info.sourceInWords} Change it if letters, columns or rows are wrong.
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Wishes key={info.id} info={info} busy={busy} />
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function Wishes({ info, busy }: { info: DatasetInfo; busy: boolean }) {
  const { canReadAgain, readAgain } = useData();
  const read = asRead(info);
  const [wanted, setWanted] = useState(read);
  const before = info.source.wishes ?? {};
  const asked = Object.keys(before).length > 0;
  const change = (wishes: ReadWishes): void => setWanted({ ...wanted, ...wishes });
  return (
    <>
      <Controls wanted={wanted} change={change} disabled={busy || !canReadAgain} />
      {canReadAgain ? (
        <Group mt="md">
          <Button
            disabled={busy || sameValue(wanted, read)}
            onClick={() => void readAgain(wishesOf(wanted, read, before))}
          >
            Read the file again
          </Button>
          {asked && (
            <Button variant="default" disabled={busy} onClick={() => void readAgain({})}>
              Find it by content
            </Button>
          )}
        </Group>
      ) : (
        <Text size="sm" c="dimmed" mt="md">
          The rows were kept, but the file itself is not at hand any more. Drop it again to read it in another way.
        </Text>
      )}
    </>
  );
}

interface ControlsProps {
  wanted: ReadWishes;
  change: (wishes: ReadWishes) => void;
  disabled: boolean;
}

function Controls({ wanted, change, disabled }: ControlsProps) {
  const encodings = TEXT_ENCODINGS.filter((name) => name !== 'utf-8-bom' || wanted.encoding === name);
  const { delimiter } = wanted;
  const known = DELIMITERS.some(({ value }) => value === delimiter);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }}>
      <NativeSelect
        label="Encoding"
        disabled={disabled}
        value={wanted.encoding}
        data={encodings.map((value) => ({ value, label: ENCODING_WORDS[value] }))}
        onChange={(event) => change({ encoding: event.currentTarget.value as TextEncodingName })}
      />
      {delimiter && (
        <>
          <NativeSelect
            label="Cells are separated by"
            disabled={disabled}
            value={delimiter}
            data={known ? DELIMITERS : [...DELIMITERS, { value: delimiter, label: delimiter }]}
            onChange={(event) => change({ delimiter: event.currentTarget.value })}
          />
          <NativeSelect
            label="Quotes"
            disabled={disabled}
            value={wanted.quoting}
            data={QUOTES}
            onChange={(event) => change({ quoting: event.currentTarget.value as Quoting })}
          />
          <NumberInput
            label="The table begins on line"
            disabled={disabled}
            min={1}
            max={1_000_000}
            allowDecimal={false}
            value={wanted.firstLine}
            onChange={(typed) => change({ firstLine: Math.max(1, Number(typed) || 1) })}
          />
          <NativeSelect
            label="Comments"
            disabled={disabled}
            value={wanted.comment}
            data={COMMENTS}
            onChange={(event) => change({ comment: event.currentTarget.value })}
          />
          <Checkbox
            label="Its first row names the columns"
            disabled={disabled}
            checked={wanted.hasHeader}
            onChange={(event) => change({ hasHeader: event.currentTarget.checked })}
            mt={{ base: 0, xs: 28 }}
          />
        </>
      )}
    </SimpleGrid>
  );
}
