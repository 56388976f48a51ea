/** Which labels are taken for which; every cell with rows opens them. */
import { Text } from '@mantine/core';
import { useState, type CSSProperties } from 'react';
import { plural } from '../../../ui/format';
import { Section } from '../../../ui/section';
import { CellRows, type Cell } from './cell-rows';
import classes from './confusion-matrix.module.css';

/** More labels than this make a matrix that nobody can read, and a page that is slow to draw. */
const MOST_LABELS = 60;

export function ConfusionMatrix({ labels, counts }: { labels: string[]; counts: number[][] }) {
  const [open, setOpen] = useState<Cell | null>(null);
  if (labels.length > MOST_LABELS)
    return (
      <Section title="What is taken for what">
        <Text size="sm" c="dimmed">
          With {labels.length} labels a matrix cannot be read; the mistakes below show the same rows.
        </Text>
      </Section>
    );
  return (
    <Section
      title="What is taken for what"
      about={
        'Rows down: the right label. Columns across: the answer. On the diagonal they agree. Open a cell to ' +
        'see its rows (a confusion matrix).'
      }
    >
      <div className={classes.scroll} role="region" aria-label="Confusion matrix" tabIndex={0}>
        <table className={classes.matrix}>
          <thead>
            <tr>
              <td className={classes.corner}>is ↓ · answered →</td>
              {labels.map((label) => (
                <th key={label} scope="col" title={label}>
                  <span className={classes.columnName}>{label}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, actual) => (
              <MatrixRow
                key={label}
                labels={labels}
                actual={actual}
                row={counts[actual] ?? []}
                onOpen={(predicted) => setOpen({ actual, predicted })}
              />
            ))}
          </tbody>
        </table>
      </div>
      <CellRows labels={labels} cell={open} onClose={() => setOpen(null)} />
    </Section>
  );
}

/** The rows of one label, by the answers they got. */
function MatrixRow({
  labels,
  actual,
  row,
  onOpen,
}: {
  labels: string[];
  actual: number;
  row: number[];
  onOpen: (predicted: number) => void;
}) {
  const label = labels[actual] ?? '';
  const total = row.reduce((sum, count) => sum + count, 0);
  return (
    <tr>
      <th scope="row" title={label}>
        <span className={classes.rowName}>{label}</span>
      </th>
      {labels.map((answer, predicted) => {
        const count = row[predicted] ?? 0;
        const share = total ? count / total : 0;
        return (
          <td key={answer}>
            {count ? (
              <button
                type="button"
                className={classes.cell}
                data-right={actual === predicted}
                style={{ '--share': (0.1 + 0.9 * share).toFixed(3) } as CSSProperties}
                onClick={() => onOpen(predicted)}
                aria-label={`${plural(count, 'row')}: is ${label}, answered ${answer}`}
              >
                {count}
              </button>
            ) : (
              <span className={classes.zero}>·</span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
