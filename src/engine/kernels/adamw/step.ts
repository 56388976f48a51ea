/** What a step of AdamW is told. */

/** Constants of one update; the corrections are 1 − βᵗ of step t, counted from 1. */
export interface AdamWStep {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled weight decay of this parameter. */
  decay: number;
  correction1: number;
  correction2: number;
}
