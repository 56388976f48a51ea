/** What runs that give labels can be taken away as, in the order in which it is offered. */
import type { Export } from '../../../../worker/run/export';
import type { LabelRun } from '../run';
import { adapter } from './adapter';
import { predictions } from './predictions';
import { recipe } from './recipe';
import { sentenceTransformers } from './sentence-transformers';
import { full, merged } from './whole';

export const EXPORTS: readonly Export<LabelRun>[] = [full, adapter, merged, sentenceTransformers, predictions, recipe];
