/** How whoever iterates the training loop steers it: by what each `yield` is answered with. */
import type { TrainEvent } from '../../domain/run';
import type { TrainingState } from '../types';

/**
 * Any event may be answered with a wish. It is remembered and takes effect at the next edge: between two steps, once
 * every step that was taken has been told. While the GPU runs ahead these are up to one step more than told before.
 * At one edge each wish is granted once, in this order; those that are answered on the way are granted at the same
 * edge if their turn is still to come, else at the next one:
 *
 * - `exact` tells `settled`: the weights are those of the step that was told last, until this is answered.
 * - `save` tells `state`: all that the run needs to go on from here.
 * - `pause` tells `paused`, and `resumed` as soon as that is answered; the time in between does not count.
 * - `stop` ends the run with what was learned: a last validation, the best weights where they are kept, `finished`.
 *
 * There is an edge before every step and none after the last. Where an epoch is prepared or rows are validated, the
 * wish waits. Cancelling is no wish but the loop's signal: it throws at the next edge, or amid a validation.
 */
export type TrainWish = 'exact' | 'save' | 'pause' | 'stop';

/** What the loop tells: what happens, and what was wished for. */
export type LoopEvent = TrainEvent | { type: 'settled'; step: number } | { type: 'state'; state: TrainingState };

/** A piece of the loop: it tells events, is answered with wishes, and returns what it has found. */
export type Telling<T = void> = AsyncGenerator<LoopEvent, T, TrainWish | undefined>;
