/** A run that gives labels, with what it answers and can be taken away as. */
import type { FineTuneModel } from '../../../engine/types';
import type { Example } from '../../../domain/task';
import type { OfferedExport, Replaying } from '../../../worker/run/export';
import { offered } from '../../../worker/run/export';
import type { Ask, RunParts } from '../../../worker/run/run';
import type { Call } from '../../../worker/session';
import type { EvaluationReport } from '../shared/schema';
import { cellRows } from './cells';
import { EXPORTS } from './exports';
import { predictor } from './predict';
import { report } from './report';
import type { HeldOut } from './rows';
import { LabelRun, predictRows } from './run';

/** Files with weights answer what was learned: a head cannot hold the exponential. */
const saysLogarithm = (one: OfferedExport): OfferedExport =>
  one.proof === null
    ? one
    : {
        ...one,
        offer: {
          ...one.offer,
          about: `${one.offer.about} It answers the logarithm: \`math.exp(answer)\` gives the number.`,
        },
      };

export class TaughtLabels extends LabelRun {
  readonly asks: Readonly<Record<string, Ask>> = { predict: predictor(this), cellRows: cellRows(this) };
  readonly exports: readonly OfferedExport[];
  readonly replaying: Replaying = {
    figure: 'scores',
    expected: (call) =>
      predictRows(call, () => this.tuned(), this.encodedReplay(this.model.tokenizer), 'Predicting held-out rows'),
    refusal: (largest) =>
      `The exported files do not give the same answers: the largest logit difference is ${largest}.`,
    misreading: (misread) => `The exported files do not give the same answers: ${misread}`,
  };

  constructor(parts: RunParts<Example, FineTuneModel> & { heldOut?: HeldOut }) {
    super(parts);
    const all = offered(EXPORTS, this, this.start.config.method);
    this.exports = this.start.targetScale?.log ? all.map(saysLogarithm) : all;
  }

  evaluate(call: Call): Promise<EvaluationReport> {
    return report(this, call);
  }
}
