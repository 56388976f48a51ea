/**
 * A decoder that has been taught, in every file that it is exported as, with what the engine computes from it: for
 * exports.mjs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../src/base/assert';
import { writeGgufModel } from '../../src/formats/gguf/write-model';
import { writeLanguageFolder } from '../../src/lessons/answer/worker/exports/folder';
import { writePeftAdapter } from '../../src/formats/peft';
import type { NamedTensor } from '../../src/formats/tensor';
import { templateSource } from '../../src/text/chat-template';
import { openLesson, teach, write, type Lesson, type LessonOptions } from './faq-lesson';

/** One held-out question with its answer. */
export interface ExportCase {
  /** Prompt and answer as text and as ids. */
  text: string;
  ids: number[];
  promptIds: number[];
  /** Positions whose logits are kept: those that predict the answer. */
  from: number;
  to: number;
  /** What the model writes by itself, and whether it stops by itself. */
  written: number[];
  stops: boolean;
}

/** Positions that are compared, at least. */
const POSITIONS = 40;

function save(folder: string, files: readonly { path: string; bytes: Uint8Array }[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { path, bytes } of files) writeFileSync(join(folder, path), bytes);
}

async function cases(lesson: Lesson, folder: string): Promise<ExportCase[]> {
  const { model, renderer } = lesson;
  const out: ExportCase[] = [];
  const kept: Float32Array[] = [];
  let positions = 0;
  for (const { question, answer_row: row } of lesson.heldOut) {
    if (positions >= POSITIONS) break;
    const messages = [
      { role: 'user', content: question },
      { role: 'assistant', content: must(lesson.questions[row], 'answer').expected },
    ] as const;
    const promptIds = renderer.prompt([messages[0]]);
    const { ids, trained } = renderer.chat(messages, lesson.settings.maxLength);
    const [from, to] = [trained.indexOf(1) - 1, trained.lastIndexOf(1)];
    const logits = tf.tidy(() =>
      model.logitsOf(tf.slice(model.states({ ids, lengths: [ids.length] }, null), [from, 0], [to - from, -1])),
    );
    kept.push((await logits.data<'float32'>()).slice());
    logits.dispose();
    const { ids: written, why } = await write(lesson, question);
    const { template, variables } = renderer.format;
    out.push({
      text: template.render([messages[0]], true, variables),
      ids: [...ids],
      promptIds,
      from,
      to,
      written,
      stops: why === 'stop-token',
    });
    positions += to - from;
  }
  save(
    folder,
    kept.map((values, i) => ({ path: `logits-${i}.f32`, bytes: new Uint8Array(values.buffer) })),
  );
  return out;
}

/** Teaches, and writes into `folder`: base/, merged/, adapter/, model.gguf, cases.json, logits-*.f32. */
export async function writeExports(
  options: LessonOptions,
  folder: string,
): Promise<{ device: string; steps: number; loss: number }> {
  const lesson = await openLesson(options);
  const { checkpoint, model, settings } = lesson;
  const { config, tokenizerFiles, chat } = checkpoint;
  const chatTemplate = templateSource(chat.jinja, chat.settings);
  const shared = { config, tokenizerFiles, chat, chatTemplate, className: 'LlamaForCausalLM', readme: '' };
  const base: NamedTensor[] = [...checkpoint.tensors.values()];
  save(join(folder, 'base'), writeLanguageFolder({ ...shared, tensors: base }));
  const losses = await teach(lesson);
  const merged = await model.merged();
  save(join(folder, 'merged'), writeLanguageFolder({ ...shared, tensors: merged }));
  save(
    join(folder, 'adapter'),
    writePeftAdapter({
      config: settings.lora,
      tensors: await model.adapter(),
      taskType: 'CAUSAL_LM',
      baseModelName: join(folder, 'base'),
      readme: '',
    }),
  );
  const gguf = writeGgufModel({
    config,
    tensors: merged,
    tokenizerFiles,
    chatTemplate,
    type: 'F16',
    name: 'taught',
    licence: null,
  });
  save(folder, [{ path: 'model.gguf', bytes: gguf }]);
  const written = await cases(lesson, folder);
  save(folder, [{ path: 'cases.json', bytes: new TextEncoder().encode(JSON.stringify(written)) }]);
  model.dispose();
  return { device: lesson.device, steps: losses.length, loss: must(losses.at(-1), 'loss') };
}
