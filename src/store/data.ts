/** The open data set: what was found in it, how it is mapped and split, and its rows, paged from the worker. */
import { create } from 'zustand';
import type { PlainError } from '../base/errors';
import type { ColumnMapping, DatasetInfo, RowFilter, RowView, SplitConfig } from '../domain/dataset';
import type { TemplateChoice } from '../domain/language-config';
import type { DataSource, TokenLengths } from '../worker/link/protocol';
import { ask } from './connection';
import { errorToShow, runJob, type Job, type JobHooks } from './jobs';
import { useResults } from './results';
import { rememberSession } from './session';
import { useUi } from './ui';

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
  open: (source: DataSource) => Promise<boolean>;
  setMapping: (mapping: ColumnMapping) => Promise<void>;
  setSplit: (split: SplitConfig) => Promise<void>;
  close: () => Promise<void>;
  setFilter: (filter: RowFilter) => void;
  /** Fetches a page unless it is there or on its way. */
  needPage: (page: number) => void;
  /** `template` is the choice where the model writes. */
  measureLengths: (maxLength: number, template: TemplateChoice | null) => Promise<void>;
  /** Takes over a data set that the worker opened with a run. */
  adopt: (info: DatasetInfo | null) => void;
  clearError: () => void;
}

const NO_ROWS = { matching: null, pages: new Map<number, RowView[]>(), lengths: null };
/** Pages on their way, so that scrolling does not ask twice; emptied whenever the rows change. */
let asked = new Set<number>();

export const useData = create<DataState>()((set, get) => {
  const forgetRows = (): void => {
    asked = new Set();
    set(NO_ROWS);
  };
  /** Runs a request that answers with the data set's new state; true when it went through. */
  const change = async (label: string, work: (hooks: JobHooks) => Promise<DatasetInfo>): Promise<boolean> => {
    set({ error: null });
    try {
      const info = await runJob(label, (job) => set({ job }), work);
      forgetRows();
      set({ info });
      useResults.getState().putAside();
      rememberSession({ datasetId: info.id });
      return true;
    } catch (thrown) {
      set({ error: errorToShow(thrown) });
      return false;
    }
  };
  return {
    info: null,
    job: null,
    error: null,
    filter: 'all',
    ...NO_ROWS,
    open: async (source) => {
      const opened = await change('Reading the data', (hooks) => ask('openData', source, hooks));
      if (opened) {
        set({ filter: 'all' });
        const { info } = get();
        if (info) useUi.getState().announce(`${info.name} is open: ${info.rows} rows, ${info.usableRows} usable.`);
      }
      return opened;
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
      set({ info: null, filter: 'all', error: null });
      rememberSession({ datasetId: null });
      useResults.getState().putAside();
    },
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
    measureLengths: async (maxLength, template) => {
      try {
        set({ lengths: await ask('tokenLengths', { maxLength, template }) });
      } catch (thrown) {
        set({ error: errorToShow(thrown) });
      }
    },
    adopt: (info) => {
      forgetRows();
      set({ info, filter: 'all', error: null });
      rememberSession({ datasetId: info?.id ?? null });
    },
    clearError: () => set({ error: null }),
  };
});
