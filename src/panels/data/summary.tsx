/** What was found in the file, in a sentence and a few figures. */
import { Button, Text } from '@mantine/core';
import { figureInWords } from '../../domain/figures';
import type { DatasetInfo } from '../../domain/dataset';
import { useData } from '../../store';
import { Figure, Figures } from '../../ui/figure';
import { formatBytes, formatCount } from '../../ui/format';
import { Section } from '../../ui/section';

export function Summary({ info }: { info: DatasetInfo }) {
  const close = useData((state) => state.close);
  const leftOut = info.issues.total;
  return (
    <Section
      title={info.name}
      about={info.sourceInWords}
      actions={
        <Button size="compact-sm" variant="default" onClick={() => void close()}>
          Close this data
        </Button>
      }
    >
      <Figures label="What was found">
        <Figure
          name="Rows"
          value={formatCount(info.rows)}
          note={leftOut ? `${formatCount(leftOut)} left out` : 'all usable'}
        />
        <Figure name="Columns" value={formatCount(info.columns.length)} />
        {info.target ? (
          <Figure
            name="Numbers"
            value={`${figureInWords(info.target.min)} – ${figureInWords(info.target.max)}`}
            note={`mean ${figureInWords(info.target.mean)}`}
          />
        ) : (
          info.labels.length > 0 && <Figure name="Labels" value={formatCount(info.labels.length)} />
        )}
        <Figure name="Size" value={formatBytes(info.bytes)} />
        <Figure
          name="Longest text"
          value={formatCount(info.health.longestCharacters)}
          note={`characters; mean ${formatCount(Math.round(info.health.meanCharacters))}`}
        />
      </Figures>
      {!info.durable && (
        <Text size="sm" c="dimmed" mt="sm">
          This browser gave no storage, so the rows last only as long as this tab.
        </Text>
      )}
    </Section>
  );
}
