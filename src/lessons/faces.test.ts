/** Every lesson has its faces, and no face lies about that belongs to none. */
import { expect, it } from 'vitest';
import { lessons } from './index';

it('has a page and a worker for every lesson', () => {
  const ids = lessons().map(({ id }) => id);
  const found = (files: Record<string, unknown>) => Object.keys(files).map((path) => path.split('/')[1]);
  expect(found(import.meta.glob('./*/page/index.ts')).toSorted()).toEqual(ids.toSorted());
  expect(found(import.meta.glob('./*/worker/index.ts')).toSorted()).toEqual(ids.toSorted());
});
