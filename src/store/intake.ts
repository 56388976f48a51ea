/** Takes what a person drops, picks or pastes, on any step, to where it belongs, and says what became of it. */
import { create } from 'zustand';
import { listed, someOf } from '../data/parts/names';
import type { DataSource } from '../worker/link/protocol';
import type { DataSlice } from './data';
import { htmlTable } from './html-table';
import type { ModelSlice } from './model';
import type { Ask, Browser } from './outside';
import type { ProjectsSlice } from './projects';
import type { RouteName } from './routes';
import { sortFiles } from './sort-files';
import type { DroppedFile, Sorted } from './sort-files';
import type { UiSlice } from './ui';

/** What the clipboard holds; empty where it holds nothing of a kind. */
export interface Pasted {
  files: readonly File[];
  text: string;
  html: string;
}

interface IntakeState {
  /** Sentences about what was dropped last: what went where, and what was not opened. */
  notice: string[];
  /** The files that were taken for data last. */
  data: readonly DroppedFile[];
  /** Opens what was dropped or picked, and shows the step it belongs to. */
  take: (files: readonly DroppedFile[]) => Promise<void>;
  /** Opens one of the files that were taken for data, by its path, instead of all of them. */
  openAlone: (path: string) => Promise<void>;
  /** Opens a pasted table, or files; says so when what is pasted is neither. */
  paste: (pasted: Pasted) => Promise<void>;
  say: (...sentences: string[]) => void;
  dismiss: () => void;
}

export type IntakeSlice = ReturnType<typeof createIntake>;

interface Parts {
  ask: Ask;
  browser: Browser;
  data: DataSlice;
  model: ModelSlice;
  projects: ProjectsSlice;
  ui: UiSlice;
}

/** A drop as it is opened. */
function sourceOf(files: readonly DroppedFile[]): DataSource {
  const [first, ...others] = files;
  return first && !others.length && !first.path.includes('/')
    ? { kind: 'file', file: first.file }
    : { kind: 'files', files: [...files] };
}

/** The names of archives inside, looked up in the worker. */
async function lookInside(ask: Ask, files: readonly DroppedFile[]): Promise<Map<string, string[]>> {
  const archives = files.filter(({ path }) => /\.zip$/i.test(path));
  if (archives.length === 0) return new Map();
  const names = await ask('lookInside', { files: archives.map(({ file }) => file) });
  return new Map(archives.flatMap(({ path }, i) => (names[i] ? [[path, names[i]] as const] : [])));
}

/** What is to be said of a drop with more than one thing in it. */
function words({ data, models, projects, besideModels }: Sorted): string[] {
  const [model, ...others] = models;
  const went = [
    ...(data.length
      ? [
          `${someOf(
            data.map(({ path }) => path),
            3,
          )} under Data`,
        ]
      : []),
    ...(model ? [`${model.name} under Model`] : []),
    ...(projects.length ? [`${listed(projects.map(({ path }) => path))} under Runs`] : []),
  ];
  return [
    ...(went.length > 1 ? [`You dropped more than one thing: ${listed(went)}.`] : []),
    ...(others.length
      ? [`Not opened: ${listed(others.map(({ name }) => name))}. One model is opened at a time: drop it by itself.`]
      : []),
    ...(besideModels.length
      ? [`${someOf(besideModels, 3)} came with the model and was not opened: drop it by itself to open it as data.`]
      : []),
  ];
}

/** Whether a text may be a table or JSON: a single line of words is none. */
function mayBeTable(text: string): boolean {
  const trimmed = text.trim();
  return /^[[{]/.test(trimmed) || /[\n\r\t]/.test(trimmed);
}

export const createIntake = ({ ask, browser: { go }, data, model, projects, ui }: Parts) =>
  create<IntakeState>()((set, get) => {
    const open = async (sorted: Sorted): Promise<void> => {
      const [first] = sorted.models;
      const works: [RouteName, () => Promise<unknown>][] = [];
      set({ data: sorted.data });
      if (sorted.data.length) works.push(['data', () => data.getState().open(sourceOf(sorted.data))]);
      if (first) works.push(['model', () => model.getState().describe({ kind: 'dropped', files: first.files })]);
      if (sorted.projects.length)
        works.push([
          'runs',
          async () => {
            for (const { file } of sorted.projects) await projects.getState().bringIn(file);
          },
        ]);
      const { route } = ui.getState();
      if (!works.some(([step]) => step === route)) go(works[0]?.[0] ?? 'data');
      get().say(...words(sorted));
      await Promise.all(works.map(([, work]) => work()));
    };
    return {
      notice: [],
      data: [],
      openAlone: async (path) => {
        const file = get().data.find((one) => one.path === path);
        if (file) await data.getState().open({ kind: 'files', files: [file] });
      },
      take: async (files) => {
        set({ notice: [] });
        if (files.length === 0) {
          get().say('There are no files in what was dropped.');
          return;
        }
        const inside = await lookInside(ask, files).catch(() => new Map<string, string[]>());
        await open(sortFiles(files, inside));
      },
      paste: async ({ files, text, html }) => {
        // Spreadsheets add a picture of the cells.
        const real = files.filter(({ type }) => !type.startsWith('image/'));
        if (real.length) {
          await get().take(real.map((file) => ({ path: file.name, file })));
          return;
        }
        const table = text.trim() === '' ? (htmlTable(html) ?? '') : text;
        set({ notice: [] });
        if (!mayBeTable(table)) {
          get().say('What you pasted is no table: copy rows from a spreadsheet, a CSV or JSON, or files.');
          return;
        }
        go('data');
        await data.getState().open({ kind: 'text', name: 'Pasted table', text: table });
      },
      say: (...sentences) => {
        set({ notice: sentences });
        if (sentences.length) ui.getState().announce(sentences.join(' '));
      },
      dismiss: () => set({ notice: [] }),
    };
  });
