/** Every loss that the engine trains with. */
export { crossEntropyObjective } from './cross-entropy';
export { binaryCrossEntropyObjective } from './binary-cross-entropy';
export { meanSquaredErrorObjective } from './mean-squared-error';
export { nextTokenObjective } from './next-token';
export { dpoObjective } from './dpo';
