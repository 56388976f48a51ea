/** What a run that teaches preferences shows on the page: what one that teaches answers shows, but for its columns. */
import { page as answer } from '../../answer/page';
import type { LessonPage } from '../../page-contract';
import { Mapping } from './mapping';

export const page: LessonPage = { ...answer, Mapping };
