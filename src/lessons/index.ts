/** The lessons there are. A further one is a folder beside these and a name in this table. */
import { TabtuneError } from '../base/errors';
import type { RowLessons } from '../data/reading';
import { answer } from './answer/shared';
import { classify } from './classify/shared';
import type { AnyLesson } from './contract';
import { prefer } from './prefer/shared';

const TABLE = { classify, answer, prefer };

const known = new Map<string, AnyLesson>(Object.entries(TABLE));

/** All lessons, in the order in which they are offered. */
export const lessons = (): AnyLesson[] => [...known.values()];

/** The lesson of a mapping. Throws `unsupported` when there is none of this name. */
export function lessonOf({ lesson }: { lesson: string }): AnyLesson {
  const found = known.get(lesson);
  if (found) return found;
  throw new TabtuneError('unsupported', `This version of Tabtune knows no lesson “${lesson}”.`, {
    fix: 'Reload the page to get the newest version.',
  });
}

/** For tests: one lesson more; what is returned takes it away again. */
export function addLesson(lesson: AnyLesson): () => void {
  known.set(lesson.id, lesson);
  return () => void known.delete(lesson.id);
}

/** All lessons as a data set sees them. The surest guess wins, and of equals the first. */
export const rowLessons: RowLessons = {
  guess(first) {
    const guesses = lessons().flatMap((lesson) => lesson.guess(first) ?? []);
    const [best, ...others] = guesses;
    if (!best) throw new TabtuneError('internal', 'No lesson can read a table.');
    return others.reduce((surest, next) => (next.certainty > surest.certainty ? next : surest), best).mapping;
  },
  reading: (mapping, table) => lessonOf(mapping).reading(mapping, table),
};
