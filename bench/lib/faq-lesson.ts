/** The FAQ of an invented service as a lesson for SmolLM2 from its GGUF: model, rows and questions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../src/base/assert';
import { bytesSource } from '../../src/base/bytes';
import type { ChatMessage, LanguageExample } from '../../src/domain/conversation';
import type { BackendName } from '../../src/domain/device';
import { greedy } from '../../src/domain/generation';
import { defaultLanguageConfig, type LanguageConfig } from '../../src/testing/settings';
import { openBackend } from '../../src/engine/backend/backends';
import { buildLanguageModel } from '../../src/engine/build-language-model';
import { generate } from '../../src/engine/decoding/generate';
import type { LanguageModel } from '../../src/engine/language-model';
import { answers, type SequenceRow } from '../../src/engine/learners/language';
import { decoderSpec } from '../../src/engine/models';
import { train } from '../../src/engine/training/loop';
import { readGgufCheckpoint, type GgufCheckpoint } from '../../src/formats/gguf/checkpoint';
import { chatFormat } from '../../src/text/chat-format';
import { ChatRenderer } from '../../src/text/chat-renderer';
import { templateSource } from '../../src/text/chat-template';
import { LanguageRows } from '../../src/text/language-rows';
import { loadTokenizer, tokenizersReady } from '../../src/text/tokenizer';

export interface LessonOptions {
  /** The GGUF, and the folder with train.jsonl and heldout.jsonl. */
  model: string;
  data: string;
  backend: BackendName;
  epochs: number;
  seed: number;
}

/** A question reworded, what the answer must contain one of, and the number of the row with the whole answer. */
export interface HeldOut {
  question: string;
  must_contain: string[];
  answer_row: number;
}

export interface Lesson {
  device: string;
  checkpoint: GgufCheckpoint;
  renderer: ChatRenderer;
  model: LanguageModel;
  settings: LanguageConfig;
  rows: SequenceRow[];
  questions: { question: string; expected: string }[];
  heldOut: HeldOut[];
}

const lines = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');

export async function openLesson(options: LessonOptions): Promise<Lesson> {
  const { name: device } = await openBackend(options.backend, {
    wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/'),
  });
  const checkpoint = await readGgufCheckpoint(bytesSource('model.gguf', new Uint8Array(readFileSync(options.model))));
  const { config, tensors, chat } = checkpoint;
  await tokenizersReady();
  const tokenizer = loadTokenizer(checkpoint.tokenizerFiles, config);
  const renderer = new ChatRenderer(
    chatFormat(
      {
        tokenizer,
        settings: chat.settings,
        config,
        generationConfig: chat.generationConfig,
        template: templateSource(chat.jinja, chat.settings),
      },
      'own',
    ),
  );
  const chats = lines(join(options.data, 'train.jsonl')).map(
    (line) => (JSON.parse(line) as { messages: ChatMessage[] }).messages,
  );
  const { linearModules, hiddenSize, maxPositions } = decoderSpec(config);
  const { config: defaults } = defaultLanguageConfig({
    method: 'lora',
    task: 'chat',
    hiddenSize,
    trainRows: chats.length,
    maxPositions,
    linearModules,
    recipe: null,
    template: 'own',
  });
  const settings = { ...defaults, learningRate: 1e-3, epochs: options.epochs, seed: options.seed };
  const taken = new LanguageRows(renderer, settings.maxLength);
  const rows: SequenceRow[] = [];
  chats.forEach((messages, i) => {
    const example: LanguageExample = { row: i + 1, kind: 'chat', messages };
    for (const row of taken.take(example)) if (row.kind === 'sequence') rows.push({ row: row.row, ...row.tokens });
  });
  const questions = chats.map((messages) => ({
    question: must(messages[0], 'question').content,
    expected: must(messages.at(-1), 'answer').content,
  }));
  const heldOut = lines(join(options.data, 'heldout.jsonl')).map((line) => JSON.parse(line) as HeldOut);
  return {
    device,
    checkpoint,
    renderer,
    model: buildLanguageModel({ config, tensors, training: settings }),
    settings,
    rows,
    questions,
    heldOut,
  };
}

/** Trains as the app does; returns the loss of each step. */
export async function teach({ model, rows, settings }: Lesson): Promise<number[]> {
  const losses: number[] = [];
  for await (const event of train(answers(model, { train: rows, validation: [] }, settings), settings)) {
    if (event.type !== 'step') continue;
    losses.push(event.record.loss);
    console.error(
      `  step ${event.record.step}/${event.record.totalSteps} loss ${event.record.loss.toFixed(3)}, ` +
        `${(event.record.elapsedMs / 1000).toFixed(0)} s`,
    );
  }
  return losses;
}

/** The ids of the answer to one question, greedily, at most 60, and why they end. */
export async function write(
  { model, renderer }: Lesson,
  question: string,
): Promise<{ ids: number[]; why: 'stop-token' | 'length' }> {
  const ids: number[] = [];
  const tokens = generate(model, renderer.prompt([{ role: 'user', content: question }]), {
    settings: greedy(60),
    stopIds: renderer.format.stopIds,
  });
  for (;;) {
    const { value, done } = await tokens.next();
    if (done) return { ids, why: value };
    ids.push(value);
  }
}

export async function answer(lesson: Lesson, question: string): Promise<string> {
  const { ids } = await write(lesson, question);
  return lesson.renderer.format.tokenizer.decode(ids, true).trim();
}
