/** How conversations, texts or pairs of answers are read from the columns, in words and as choices. */
import { NativeSelect, SimpleGrid } from '@mantine/core';
import {
  LANGUAGE_LAYOUTS,
  type DatasetInfo,
  type LanguageLayout,
  type LanguageMapping,
  type LanguageRole,
} from '../../domain/dataset';
import { useData } from '../../store/data';
import { Section } from '../../ui/section';
import { WithNames } from '../../ui/with-names';
import { LAYOUT_WORDS, ROLE_NAMES } from '../../ui/words';

const NONE = '';
const LAYOUTS = Object.keys(LANGUAGE_LAYOUTS) as LanguageLayout[];

/** The mapping in another layout: what both have stays, what the new one needs takes the columns that are free. */
function withLayout(mapping: LanguageMapping, layout: LanguageLayout, columns: readonly string[]): LanguageMapping {
  const { task, needs, may } = LANGUAGE_LAYOUTS[layout];
  const kept = Object.fromEntries(
    [...needs, ...may].flatMap((role) => (mapping.columns[role] === undefined ? [] : [[role, mapping.columns[role]]])),
  ) as LanguageMapping['columns'];
  const free = columns.filter((column) => column !== mapping.split && !Object.values(kept).includes(column));
  for (const role of needs) {
    const next = kept[role] ?? free.shift();
    if (next !== undefined) kept[role] = next;
  }
  return { ...mapping, task, layout, columns: kept };
}

export function LanguageMappingEditor({
  info,
  mapping,
  busy,
}: {
  info: DatasetInfo;
  mapping: LanguageMapping;
  busy: boolean;
}) {
  const setMapping = useData((state) => state.setMapping);
  const { columns } = info;
  const { needs, may } = LANGUAGE_LAYOUTS[mapping.layout];
  const choices = [{ value: NONE, label: 'None' }, ...columns.map((column) => ({ value: column, label: column }))];
  const setColumn = (role: LanguageRole, column: string): void => {
    const columns = { ...mapping.columns, [role]: column };
    if (column === NONE) delete columns[role];
    void setMapping({ ...mapping, columns });
  };
  return (
    <Section title="How it is read" about={<WithNames text={info.mappingInWords} />}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {mapping.task === 'chat' && (
          <NativeSelect
            label="A row holds"
            description="How the conversations are laid out."
            disabled={busy}
            value={mapping.layout}
            data={LAYOUTS.filter((layout) => LANGUAGE_LAYOUTS[layout].task === mapping.task).map((value) => ({
              value,
              label: LAYOUT_WORDS[value],
            }))}
            onChange={(event) =>
              void setMapping(withLayout(mapping, event.currentTarget.value as LanguageLayout, columns))
            }
          />
        )}
        {[...needs, ...may].map((role) => (
          <NativeSelect
            key={role}
            label={ROLE_NAMES[role].name}
            description={`${ROLE_NAMES[role].about}${needs.includes(role) ? '' : ' Not needed.'}`}
            disabled={busy}
            value={mapping.columns[role] ?? NONE}
            data={choices}
            onChange={(event) => setColumn(role, event.currentTarget.value)}
          />
        ))}
        <NativeSelect
          label="Given split"
          description="A column that says train, validation or test."
          disabled={busy}
          value={mapping.split ?? NONE}
          data={[
            { value: NONE, label: 'None: split here' },
            ...columns.map((column) => ({ value: column, label: column })),
          ]}
          onChange={(event) => void setMapping({ ...mapping, split: event.currentTarget.value || null })}
        />
      </SimpleGrid>
    </Section>
  );
}
