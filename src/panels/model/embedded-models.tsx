/** Cards of the models that come with the app. */
import { Badge, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useModel } from '../../store';
import { EMBEDDED_MODELS } from '../../store/catalogue';
import { parametersInWords } from '../../domain/model';
import { formatBytes } from '../../ui/format';
import { Section } from '../../ui/section';

export function EmbeddedModels({ busy }: { busy: boolean }) {
  const { source, load } = useModel();
  return (
    <Section title="Comes with the app" about="Read only when you choose it, and kept in this browser afterwards.">
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {EMBEDDED_MODELS.map((model) => {
          const inUse = source?.kind === 'embedded' && source.id === model.id;
          return (
            <Paper key={model.id} withBorder p="md">
              <Stack gap="xs">
                <Group justify="space-between">
                  <Title order={3} size="h5">
                    {model.name}
                  </Title>
                  {inUse && <Badge variant="light">In use</Badge>}
                </Group>
                <Text size="sm">{model.goodAt}</Text>
                <Text size="sm" c="dimmed">
                  {formatBytes(model.bytes)} · {parametersInWords(model.parameters)} parameters · {model.licence}
                </Text>
                <Group>
                  <Button
                    variant={inUse ? 'default' : 'filled'}
                    disabled={busy || inUse}
                    onClick={() => void load({ kind: 'embedded', id: model.id })}
                    aria-label={`Use ${model.name}`}
                  >
                    {inUse ? 'In use' : 'Use this model'}
                  </Button>
                </Group>
              </Stack>
            </Paper>
          );
        })}
      </SimpleGrid>
    </Section>
  );
}
