/**
 * Teaches SmolLM2 the 50 answers of an invented service, and asks it all of them, and ten reworded questions,
 * afterwards.
 */
import { must } from '../src/base/assert';
import { exactMatch } from '../src/domain/language-metrics';
import { answer, openLesson, teach, type LessonOptions } from './lib/faq-lesson';

export interface FaqResult {
  device: string;
  seed: number;
  steps: number;
  losses: number[];
  trainSeconds: number;
  answerSeconds: number;
  rows: number;
  exactBefore: number;
  exact: number;
  wrong: { question: string; expected: string; answer: string }[];
  heldOut: { question: string; answer: string; right: boolean }[];
}

export async function runFaq(options: LessonOptions): Promise<FaqResult> {
  const lesson = await openLesson(options);
  const { device, questions, rows } = lesson;
  const ask = async (): Promise<string[]> => {
    const written: string[] = [];
    for (const { question } of questions) written.push(await answer(lesson, question));
    return written;
  };
  const hits = (written: readonly string[]): number =>
    written.filter((text, i) => exactMatch(text, must(questions[i], 'question').expected)).length;
  const exactBefore = hits(await ask());
  const begun = performance.now();
  const losses = await teach(lesson);
  const trained = performance.now();
  const written = await ask();
  const answered = performance.now();
  const heldOut = [];
  for (const { question, must_contain: words } of lesson.heldOut) {
    const text = await answer(lesson, question);
    heldOut.push({
      question,
      answer: text,
      right: words.some((word) => text.toLowerCase().includes(word.toLowerCase())),
    });
  }
  lesson.model.dispose();
  const wrong = written.flatMap((text, i) => {
    const { question, expected } = must(questions[i], 'question');
    return exactMatch(text, expected) ? [] : [{ question, expected, answer: text }];
  });
  return {
    device,
    seed: options.seed,
    steps: losses.length,
    losses: losses.map((loss) => Number(loss.toFixed(4))),
    trainSeconds: Math.round((trained - begun) / 1000),
    answerSeconds: Math.round((answered - trained) / 1000),
    rows: rows.length,
    exactBefore,
    exact: hits(written),
    wrong,
    heldOut,
  };
}
