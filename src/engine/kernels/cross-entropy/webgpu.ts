/** Cross-entropy and its logit gradient on WebGPU. */
import { rowLossShader } from '../row-loss';

export const SHADER = rowLossShader(/* wgsl */ `
    var highest = x[at];
    var mass = 0.0;
    for (var c = 0u; c < u.width; c++) { highest = max(highest, x[at + c]); mass += wanted[at + c]; }
    var whole = 0.0;
    for (var c = 0u; c < u.width; c++) { whole += exp(x[at + c] - highest); }
    let logWhole = highest + log(whole);
    for (var c = 0u; c < u.width; c++) {
      let logProbability = x[at + c] - logWhole;
      sum -= wanted[at + c] * logProbability;
      gradient[at + c] = exp(logProbability) * mass - wanted[at + c];
    }`);
