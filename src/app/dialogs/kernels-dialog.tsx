/** Which GPU kernels were measured on this browser's adapters and chosen, and the way to measure again. */
import { Button, Group, Stack, Switch, Table, Text, Title } from '@mantine/core';
import type { AdapterTuning, MeasuredProduct } from '../../domain/tuning';
import { useDevice, useTuning } from '../../store';
import { ScrollTable } from '../../ui/scroll-table';

export function KernelsDialog() {
  const { settings, forget, measureOnSoftware } = useTuning();
  const software = useDevice(
    (state) => state.report?.backends.some((report) => report.backend === 'webgpu' && report.software) ?? false,
  );
  return (
    <Stack>
      <Text size="sm">
        The first run of a model on a GPU measures, for at most three seconds, which way of multiplying matrices is the
        fastest there for each size that the run needs. What was chosen is kept in this browser. A run keeps its choices
        to its end, also after a break.
      </Text>
      {settings.known.length === 0 && (
        <Text size="sm">Nothing has been measured yet: the usual kernels are taken.</Text>
      )}
      {settings.known.map((tuning) => (
        <Measured key={tuning.adapter} tuning={tuning} />
      ))}
      {software && (
        <Switch
          label="Measure on this software adapter too"
          description="It runs on the CPU, where the usual kernels are right; useful for trying it out."
          checked={settings.software}
          onChange={(event) => void measureOnSoftware(event.currentTarget.checked)}
        />
      )}
      <Group>
        <Button variant="default" disabled={settings.known.length === 0} onClick={() => void forget()}>
          Forget the choices
        </Button>
      </Group>
    </Stack>
  );
}

const rateInWords = (rate: number): string => rate.toLocaleString('en', { maximumSignificantDigits: 3 });

function Measured({ tuning: { adapter, products } }: { tuning: AdapterTuning }) {
  const sorted = [...products].sort((a, b) => gain(b) - gain(a));
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {adapter}
      </Title>
      <ScrollTable label={`Kernels on ${adapter}`} maxHeight={360}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Product, rows × columns × depth</Table.Th>
            <Table.Th scope="col">Chosen kernel</Table.Th>
            <Table.Th scope="col">GFLOP/s</Table.Th>
            <Table.Th scope="col">Usual kernel</Table.Th>
            <Table.Th scope="col">GFLOP/s</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map(({ product, kernel, rate, usual, usualRate }) => (
            <Table.Tr key={product}>
              <Table.Th scope="row" fw={400}>
                {product}
              </Table.Th>
              <Table.Td>{kernel}</Table.Td>
              <Table.Td>{rateInWords(rate)}</Table.Td>
              <Table.Td>{kernel === usual ? 'the same' : usual}</Table.Td>
              <Table.Td>{rateInWords(usualRate)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </ScrollTable>
    </Stack>
  );
}

const gain = ({ rate, usualRate }: MeasuredProduct): number => rate / usualRate;
