/** All rows in a table of any size: only those in view are drawn, and only their pages are fetched. */
import { Pagination, SegmentedControl, Skeleton, Text } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, type CSSProperties } from 'react';
import { TABLE_PROBLEMS, type DatasetInfo, type RowFilter, type RowProblem, type RowView } from '../../domain/dataset';
import { lessonOf } from '../../lessons/index';
import { useData, useUi } from '../../store';
import { PAGE_ROWS } from '../../store/data';
import { formatCount, plural } from '../../ui/format';
import { Section } from '../../ui/section';
import { useRowWindow } from '../../ui/use-row-window';
import classes from './rows-table.module.css';

const ROW_HEIGHT = 36;
/** Browsers cannot scroll a box of more than some 16 million pixels: longer tables are shown in parts. */
const PART_ROWS = 400_000;

export function RowsTable({ info }: { info: DatasetInfo }) {
  const { filter, setFilter, matching } = useData();
  const [part, setPart] = useState(1);
  const total = matching ?? (filter === 'all' ? info.rows : 0);
  const parts = Math.max(1, Math.ceil(total / PART_ROWS));
  const from = (Math.min(part, parts) - 1) * PART_ROWS;
  const choose = (value: string): void => {
    setPart(1);
    setFilter(value as RowFilter);
  };
  return (
    <Section
      title="Rows"
      about={<IssueWords info={info} />}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which rows"
          value={filter}
          onChange={choose}
          data={[
            { value: 'all', label: `All ${formatCount(info.rows)}` },
            { value: 'issues', label: `Left out ${formatCount(info.issues.total)}` },
            { value: 'duplicates', label: `Repeats ${formatCount(info.health.duplicates)}` },
          ]}
        />
      }
    >
      <VirtualRows
        key={`${filter} ${from}`}
        info={info}
        from={from}
        count={Math.min(PART_ROWS, Math.max(0, total - from))}
        known={matching !== null}
      />
      {parts > 1 && (
        <Pagination
          mt="sm"
          total={parts}
          value={part}
          onChange={setPart}
          getControlProps={(control) => ({ 'aria-label': control === 'next' ? 'Next part' : 'Previous part' })}
          getItemProps={(page) => ({ 'aria-label': `Rows from ${formatCount((page - 1) * PART_ROWS + 1)}` })}
        />
      )}
    </Section>
  );
}

/** "empty text": the table's own problems, and those of the lesson. */
const problemInWords = (problem: RowProblem, { mapping }: DatasetInfo): string =>
  TABLE_PROBLEMS[problem] ?? lessonOf(mapping).problems[problem] ?? problem;

function IssueWords({ info }: { info: DatasetInfo }) {
  const problems = Object.entries(info.issues.byProblem).flatMap(([problem, count = 0]) =>
    count > 0 ? [{ problem, count }] : [],
  );
  if (!problems.length) return <>Open a row to read it in full.</>;
  return (
    <>
      {plural(info.issues.total, 'row')} left out:{' '}
      {problems.map(({ problem, count }) => `${formatCount(count)} ${problemInWords(problem, info)}`).join(', ')}.
    </>
  );
}

interface VirtualRowsProps {
  info: DatasetInfo;
  /** Index of the first row of this part among the matching rows. */
  from: number;
  count: number;
  /** Whether the number of matching rows is known already. */
  known: boolean;
}

/** The columns that are read as text, which get the most room. */
const textColumnsOf = ({ mapping, columns }: DatasetInfo): readonly string[] =>
  lessonOf(mapping).reading(mapping, { columns, decimalComma: false }).textColumns;

/** The frame's height, and the widths of its columns. */
function frameStyle({ columns }: DatasetInfo, texts: readonly string[], count: number): CSSProperties {
  const isText = (column: string): boolean => texts.includes(column);
  return {
    '--columns':
      '84px 132px ' + columns.map((column) => (isText(column) ? 'minmax(220px, 3fr)' : 'minmax(110px, 1fr)')).join(' '),
    '--min-width': `${216 + columns.reduce((sum, column) => sum + (isText(column) ? 220 : 110), 0)}px`,
    blockSize: Math.min(420, ROW_HEIGHT * (Math.max(count, 3) + 1) + 2),
  } as CSSProperties;
}

function VirtualRows({ info, from, count, known }: VirtualRowsProps) {
  const { pages, needPage } = useData();
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last } = useRowWindow(scroller, count, ROW_HEIGHT);
  useEffect(() => {
    for (
      let page = Math.floor((from + first) / PAGE_ROWS);
      page <= Math.floor((from + Math.max(first, last)) / PAGE_ROWS);
      page++
    )
      needPage(page);
  }, [from, first, last, needPage, pages]);
  const drawn = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
  const texts = useMemo(() => textColumnsOf(info), [info]);
  if (known && count === 0)
    return (
      <Text size="sm" c="dimmed" p="md" className={classes.frame} style={{ blockSize: 96 }}>
        No such rows.
      </Text>
    );
  return (
    <div
      ref={scroller}
      className={classes.frame}
      style={frameStyle(info, texts, count)}
      role="table"
      aria-label="Rows of the data set"
      aria-rowcount={count + 1}
      tabIndex={0}
    >
      <HeadRow columns={info.columns} />
      <div role="rowgroup" className={classes.body} style={{ blockSize: count * ROW_HEIGHT }}>
        {drawn.map((place) => {
          const index = from + place;
          const row = pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
          return <PlacedRow key={place} place={place} row={row} info={info} />;
        })}
      </div>
    </div>
  );
}

function HeadRow({ columns }: { columns: readonly string[] }) {
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" className={classes.row} aria-rowindex={1}>
        <span role="columnheader">Row</span>
        <span role="columnheader">For</span>
        {columns.map((column) => (
          <span key={column} role="columnheader" title={column}>
            {column}
          </span>
        ))}
      </div>
    </div>
  );
}

/** A row at its place in the scrolled body; a skeleton until its page has come. */
function PlacedRow({ place, row, info }: { place: number; row: RowView | undefined; info: DatasetInfo }) {
  return (
    <div
      role="row"
      aria-rowindex={place + 2}
      className={`${classes.row} ${classes.placed}`}
      data-issue={row?.issue ? true : undefined}
      style={{ transform: `translateY(${place * ROW_HEIGHT}px)` }}
    >
      {row ? (
        <RowCells row={row} info={info} />
      ) : (
        <span role="cell" className={classes.waiting}>
          <Skeleton height={12} animate={false} />
        </span>
      )}
    </div>
  );
}

function RowCells({ row, info }: { row: RowView; info: DatasetInfo }) {
  const open = useUi((state) => state.open);
  const state = row.issue
    ? problemInWords(row.issue.problem, info)
    : row.duplicateOf !== null
      ? `${row.split ?? 'left out'} · repeat`
      : (row.split ?? 'left out');
  return (
    <>
      <span role="cell">
        <button
          type="button"
          className={classes.number}
          onClick={() => open({ kind: 'row', row: row.row })}
          aria-label={`Open row ${row.row}`}
        >
          {row.row}
        </button>
      </span>
      <span role="cell" className={classes.state} title={row.issue?.message ?? state}>
        {state}
      </span>
      {row.cells.map((cell, index) => (
        // A column has no other identity than its place.
        <span key={index} role="cell">
          {cell.slice(0, 300)}
        </span>
      ))}
    </>
  );
}
