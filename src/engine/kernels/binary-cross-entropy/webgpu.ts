/** Binary cross-entropy and its logit gradient on WebGPU. */
import { rowLossShader } from '../row-loss';

export const SHADER = rowLossShader(/* wgsl */ `
    for (var c = 0u; c < u.width; c++) {
      let logit = x[at + c];
      let small = exp(-abs(logit));
      sum += max(logit, 0.0) - logit * wanted[at + c] + log(1.0 + small);
      gradient[at + c] = select(small, 1.0, logit >= 0.0) / (1.0 + small) - wanted[at + c];
    }`);
