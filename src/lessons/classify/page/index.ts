/** What a run that gives labels shows on the page. */
import type { LessonPage } from '../../page-contract';
import { LengthsNote } from './lengths-note';
import { Look } from './look';
import { Mapping } from './mapping';
import { Report } from './report';
import { RowSeen } from './row-seen';
import { Try } from './try';

export const page: LessonPage = { Mapping, LengthsNote, RowSeen, Look, Report, Try };
