/** Worker faces of the lessons, found by their folders. */
import { must } from '../base/assert';
import type { LessonWorker } from '../worker/lesson';

/** By id. */
const WORKERS = new Map(
  Object.entries(import.meta.glob<LessonWorker>('./*/worker/index.ts', { import: 'worker', eager: true })).map(
    ([path, worker]) => [must(path.split('/')[1], 'folder'), worker],
  ),
);

/** The worker's face of a lesson. Throws for an id without one. */
export const lessonWorker = (id: string): LessonWorker => must(WORKERS.get(id), `worker of the lesson "${id}"`);

/** For tests: one lesson more; what is returned takes it away again. */
export function addLessonWorker(id: string, worker: LessonWorker): () => void {
  WORKERS.set(id, worker);
  return () => void WORKERS.delete(id);
}
