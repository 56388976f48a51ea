/** The open data set: what was found in it, how it is mapped and split, and its rows, paged from the worker. */
import { create } from 'zustand';
import { TabtuneError, type PlainError } from '../base/errors';
import type { DatasetInfo, Mapping, ReadWishes, RowFilter, RowView, SplitConfig } from '../domain/dataset';
import type { TrainingConfig } from '../domain/training-config';
import type { DataSource, TokenLengths } from '../worker/link/protocol';
import { errorToShow, runJob, type Job, type JobHooks } from './jobs';
import type { Ask } from './outside';
import type { ResultsSlice } from './results';
import type { KeptSession } from './session';
import type { UiSlice } from './ui';

/** Rows asked for at once. */
export const PAGE_ROWS = 100;
/** Pages kept; the oldest go first. */
const KEPT_PAGES = 40;

interface DataState {
  info: DatasetInfo | null;
  job: Job | null;
  error: PlainError | null;
  filter: RowFilter;
  /** Rows that match the filter, or null until the first page came. */
  matching: number | null;
  /** Pages by number, of the filter in use. */
  pages: ReadonlyMap<number, RowView[]>;
  lengths: TokenLengths | null;
  /** Whether the worker has the file still and can read it in another way. */
  canReadAgain: boolean;
  open: (source: DataSource) => Promise<boolean>;
  readAgain: (wishes: ReadWishes) => Promise<void>;
  setMapping: (mapping: Mapping) => Promise<void>;
  setSplit: (split: SplitConfig) => Promise<void>;
  close: () => Promise<void>;
  setFilter: (filter: RowFilter) => void;
  /** Fetches a page unless it is there or on its way. */
  needPage: (page: number) => void;
  /** A single row, counted from 1. Throws `bad-data` when there is none. */
  fetchRow: (row: number) => Promise<RowView>;
  /** What the loaded model sees of it; the lesson's page knows what it is. */
  fetchSeen: (row: number, config: TrainingConfig | null) => Promise<unknown>;
  /** How the loaded model would read the rows under these settings. */
  measureLengths: (config: TrainingConfig) => Promise<void>;
  /** Takes over a data set that the worker opened with a run. */
  adopt: (info: DatasetInfo | null) => void;
  /** Shows an error that happened before the worker was asked. */
  refuse: (error: PlainError) => void;
  clearError: () => void;
}

const NO_ROWS = { matching: null, pages: new Map<number, RowView[]>(), lengths: null };

const NOTHING_OPEN = { info: null, job: null, error: null, filter: 'all' as const, canReadAgain: false, ...NO_ROWS };

export type DataSlice = ReturnType<typeof createData>;

interface Parts {
  ask: Ask;
  session: KeptSession;
  results: ResultsSlice;
  ui: UiSlice;
}

/** The rows and what is read of them, fetched when they are needed. */
function pagedRows(ask: Ask, set: (changed: Partial<DataState>) => void, get: () => DataState) {
  /** Pages on their way, so that scrolling does not ask twice; emptied whenever the rows change. */
  let asked = new Set<number>();
  const forgetRows = (): void => {
    asked = new Set();
    set(NO_ROWS);
  };
  return {
    forgetRows,
    setFilter: (filter) => {
      asked = new Set();
      set({ filter, matching: null, pages: new Map() });
    },
    needPage: (page) => {
      if (asked.has(page)) return;
      const mine = asked;
      mine.add(page);
      void ask('rows', { from: page * PAGE_ROWS, count: PAGE_ROWS, filter: get().filter }).then(
        ({ rows, total }) => {
          if (mine !== asked) return;
          const pages = new Map(get().pages).set(page, rows);
          for (const oldest of [...pages.keys()].slice(0, Math.max(0, pages.size - KEPT_PAGES))) {
            pages.delete(oldest);
            mine.delete(oldest);
          }
          set({ pages, matching: total });
        },
        (thrown: unknown) => {
          if (mine === asked) set({ error: errorToShow(thrown) });
        },
      );
    },
    fetchRow: async (row) => {
      const { rows } = await ask('rows', { from: row - 1, count: 1, filter: 'all' });
      const [found] = rows;
      if (!found) throw new TabtuneError('bad-data', `Row ${row} is not in the open data set.`);
      return found;
    },
    fetchSeen: (row, config) => ask('rowSeen', { row, config }),
    measureLengths: async (config) => {
      try {
        set({ lengths: await ask('tokenLengths', config) });
      } catch (thrown) {
        set({ error: errorToShow(thrown) });
      }
    },
  } satisfies Partial<DataState> & { forgetRows: () => void };
}

export const createData = ({ ask, session, results, ui }: Parts) =>
  create<DataState>()((set, get) => {
    const { forgetRows, ...rows } = pagedRows(ask, set, get);
    /** Runs a request that answers with the data set's new state; true when it went through. */
    const change = async (label: string, work: (hooks: JobHooks) => Promise<DatasetInfo>): Promise<boolean> => {
      set({ error: null });
      try {
        const info = await runJob(label, (job) => set({ job }), work);
        forgetRows();
        set({ info });
        results.getState().putAside();
        session.remember({ datasetId: info.id });
        return true;
      } catch (thrown) {
        set({ error: errorToShow(thrown) });
        return false;
      }
    };
    return {
      ...NOTHING_OPEN,
      open: async (source) => {
        const opened = await change('Reading the data', (hooks) => ask('openData', source, hooks));
        if (opened) {
          set({ filter: 'all', canReadAgain: source.kind !== 'stored' });
          const { info } = get();
          if (info) ui.getState().announce(`${info.name} is open: ${info.rows} rows, ${info.usableRows} usable.`);
        }
        return opened;
      },
      readAgain: async (wishes) => {
        await change('Reading the file again', (hooks) => ask('readAgain', wishes, hooks));
      },
      setMapping: async (mapping) => {
        await change('Reading the columns anew', (hooks) => ask('setMapping', mapping, hooks));
      },
      setSplit: async (split) => {
        await change('Splitting the rows', (hooks) => ask('setSplit', split, hooks));
      },
      close: async () => {
        try {
          await ask('closeData', null);
        } catch (thrown) {
          set({ error: errorToShow(thrown) });
          return;
        }
        forgetRows();
        set({ info: null, filter: 'all', error: null, canReadAgain: false });
        session.remember({ datasetId: null });
        results.getState().putAside();
      },
      ...rows,
      adopt: (info) => {
        forgetRows();
        set({ info, filter: 'all', error: null, canReadAgain: false });
        session.remember({ datasetId: info?.id ?? null });
      },
      refuse: (error) => set({ error }),
      clearError: () => set({ error: null }),
    };
  });
