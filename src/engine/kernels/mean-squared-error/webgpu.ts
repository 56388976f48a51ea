/** Squared error and its gradient on WebGPU. */
import { rowLossShader } from '../row-loss';

export const SHADER = rowLossShader(/* wgsl */ `
    for (var c = 0u; c < u.width; c++) {
      let difference = x[at + c] - wanted[at + c];
      sum += difference * difference;
      gradient[at + c] = 2.0 * difference;
    }`);
