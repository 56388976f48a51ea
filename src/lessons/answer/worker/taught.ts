/** A run that writes, with what it answers and can be taken away as. */
import type { LanguageExample } from '../../../domain/conversation';
import type { LanguageModel } from '../../../engine/language-model';
import type { OfferedExport, OutFile, Replaying } from '../../../worker/run/export';
import { offered } from '../../../worker/run/export';
import type { Ask, RunParts } from '../../../worker/run/run';
import type { Call } from '../../../worker/session';
import type { LanguageEvaluation } from '../shared/schema';
import { answerer } from './ask';
import { EXPORTS } from './exports';
import { wholeFiles } from './exports/whole';
import type { WritingKind } from './kind';
import { report } from './report';
import type { RenderedSplit } from './rows';
import { means, scoreSequences, WritingRun } from './run';

export class TaughtWriting extends WritingRun {
  readonly exports: readonly OfferedExport[];
  readonly asks: Readonly<Record<string, Ask>> = { answer: answerer(this) };
  readonly replaying: Replaying = {
    figure: 'log-probabilities (mean of a row’s tokens)',
    expected: async (call) =>
      means(await scoreSequences(call, () => this.side('after'), this.replayed(), 'Scoring held-out rows')),
    refusal: (largest) =>
      `The exported file does not give the same answers: a row’s mean log-probability differs by ${largest}.`,
    misreading: (misread) => `The exported file does not give the same answers: ${misread}`,
  };

  constructor(kind: WritingKind, parts: RunParts<LanguageExample, LanguageModel> & { held?: RenderedSplit }) {
    super(kind, parts);
    this.exports = offered(EXPORTS, this, this.start.config.method);
  }

  evaluate(call: Call): Promise<LanguageEvaluation> {
    return report(this, call);
  }

  override asBase(call: Call): Promise<OutFile[]> {
    return wholeFiles(this, call);
  }
}
