/** What is done to conversations whose turns are out of order, with the rows that each choice concerns. */
import { Checkbox, Stack, Text } from '@mantine/core';
import type { DatasetInfo } from '../../../domain/dataset';
import { useData } from '../../../store';
import { plural } from '../../../ui/format';
import type { WritingMapping } from '../shared/columns';
import { REPAIRS, REPAIR_WORDS } from '../shared/order';
import type { Repair } from '../shared/order';

interface RepairsProps {
  info: DatasetInfo;
  busy: boolean;
  mapping: WritingMapping;
}

export function Repairs({ info, busy, mapping }: RepairsProps) {
  const setMapping = useData((state) => state.setMapping);
  const wanted = mapping.repair ?? [];
  const left = (repair: Repair): number => info.issues.byProblem[REPAIR_WORDS[repair].problem] ?? 0;
  const offered = REPAIRS.filter((repair) => wanted.includes(repair) || left(repair) > 0);
  if (offered.length === 0) return null;
  const change = (repair: Repair, on: boolean): void => {
    const next: WritingMapping = {
      ...mapping,
      repair: REPAIRS.filter((one) => (one === repair ? on : wanted.includes(one))),
    };
    void setMapping(next);
  };
  return (
    <Stack gap="xs" mt="md" role="group" aria-label="Turns out of order">
      <Text size="sm" fw={500}>
        Turns out of order
      </Text>
      {offered.map((repair) => (
        <Checkbox
          key={repair}
          label={REPAIR_WORDS[repair].name}
          description={left(repair) > 0 ? `${plural(left(repair), 'row')} left out without it.` : undefined}
          disabled={busy}
          checked={wanted.includes(repair)}
          onChange={(event) => change(repair, event.currentTarget.checked)}
        />
      ))}
    </Stack>
  );
}
