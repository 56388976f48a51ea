/** Pages of the lessons, found by their folders; their code is fetched when it is first needed, or before. */
import { useEffect } from 'react';
import { must } from '../base/assert';
import { part, type Part } from '../ui/part';
import type { LessonPage } from './page-contract';

type Props<K extends keyof LessonPage> = Parameters<Extract<LessonPage[K], (...given: never[]) => unknown>>[0];

/** The components of a page as parts that load; `fetch` brings all of them. */
export type LessonParts = { [K in keyof LessonPage]: Part<Props<K>> } & { fetch: () => Promise<void> };

type Loading = () => Promise<LessonPage>;

function partsOf(load: Loading): LessonParts {
  const parts = {
    Mapping: part(async () => (await load()).Mapping),
    LengthsNote: part(async () => (await load()).LengthsNote),
    RowSeen: part(async () => (await load()).RowSeen),
    Look: part(async () => (await load()).Look),
    Report: part(async () => (await load()).Report),
    Try: part(async () => (await load()).Try),
  };
  const fetch = async (): Promise<void> => {
    await Promise.all(Object.values(parts).map((one) => one.fetch()));
  };
  return { ...parts, fetch };
}

/** By id. */
const PAGES = new Map(
  Object.entries(import.meta.glob<LessonPage>('./*/page/index.ts', { import: 'page' })).map(([path, load]) => [
    must(path.split('/')[1]),
    partsOf(load),
  ]),
);

/** The page of a lesson. Throws for an id without one. */
export const lessonPage = (id: string): LessonParts => must(PAGES.get(id), `lesson "${id}" has no page`);

/** Fetches the pages of all lessons, so that they are there at once when they are shown. */
export async function fetchPages(): Promise<void> {
  await Promise.all([...PAGES.values()].map(({ fetch }) => fetch()));
}

/** The page of a lesson, or null without one; its code is on its way from now on. */
export function useLessonPage(id: string | undefined): LessonParts | null {
  const page = id === undefined ? null : lessonPage(id);
  useEffect(() => void page?.fetch(), [page]);
  return page;
}
