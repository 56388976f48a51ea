/** Teaches SmolLM2 the 50 answers of an invented service, and asks it all of them, and ten reworded questions, afterwards. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../src/base/assert';
import { bytesSource } from '../src/base/bytes';
import type { ChatMessage, LanguageExample } from '../src/domain/conversation';
import type { BackendName } from '../src/domain/device';
import { greedy } from '../src/domain/generation';
import { defaultLanguageConfig } from '../src/domain/language-config';
import { exactMatch } from '../src/domain/language-metrics';
import { openBackend } from '../src/engine/backend/backends';
import { buildLanguageModel } from '../src/engine/build-language-model';
import { generate } from '../src/engine/generate';
import type { LanguageModel } from '../src/engine/language-model';
import { answers, type SequenceRow } from '../src/engine/learners/language';
import { decoderSpec } from '../src/engine/models/registry';
import { train } from '../src/engine/train';
import { readGgufCheckpoint } from '../src/formats/gguf/checkpoint';
import { chatFormat } from '../src/text/chat-format';
import { ChatRenderer } from '../src/text/chat-renderer';
import { templateSource } from '../src/text/chat-template';
import { LanguageRows } from '../src/text/language-rows';
import { loadTokenizer } from '../src/text/tokenizer';

export interface FaqOptions {
  /** The GGUF, and the folder with train.jsonl and heldout.jsonl. */
  model: string;
  data: string;
  backend: BackendName;
  epochs: number;
  seed: number;
}

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

interface HeldOut {
  question: string;
  must_contain: string[];
}

const lines = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter((line) => line.trim() !== '');

/** The answer to one question, greedily, of at most 60 tokens. */
async function answer(model: LanguageModel, renderer: ChatRenderer, question: string): Promise<string> {
  const { tokenizer, stopIds } = renderer.format;
  const ids: number[] = [];
  for await (const id of generate(model, renderer.prompt([{ role: 'user', content: question }]), { settings: greedy(60), stopIds })) ids.push(id);
  return tokenizer.decode(ids, true).trim();
}

export async function runFaq(options: FaqOptions): Promise<FaqResult> {
  const { name: device } = await openBackend(options.backend, { wasmPath: join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/') });
  const checkpoint = await readGgufCheckpoint(bytesSource('model.gguf', new Uint8Array(readFileSync(options.model))));
  const { config, tensors, chat } = checkpoint;
  const tokenizer = loadTokenizer(checkpoint.tokenizerFiles, config);
  const renderer = new ChatRenderer(chatFormat({ tokenizer, settings: chat.settings, config, generationConfig: chat.generationConfig, template: templateSource(chat.jinja, chat.settings) }, 'own'));
  const chats = lines(join(options.data, 'train.jsonl')).map((line) => (JSON.parse(line) as { messages: ChatMessage[] }).messages);
  const heldOut = lines(join(options.data, 'heldout.jsonl')).map((line) => JSON.parse(line) as HeldOut);
  const { linearModules, hiddenSize, maxPositions } = decoderSpec(config);
  const { config: defaults } = defaultLanguageConfig({ method: 'lora', task: 'chat', hiddenSize, trainRows: chats.length, maxPositions, linearModules, recipe: null, template: 'own' });
  const settings = { ...defaults, learningRate: 1e-3, epochs: options.epochs, seed: options.seed };
  const taken = new LanguageRows(renderer, settings.maxLength);
  const rows: SequenceRow[] = [];
  chats.forEach((messages, i) => {
    const example: LanguageExample = { row: i + 1, kind: 'chat', messages };
    for (const row of taken.take(example)) if (row.kind === 'sequence') rows.push({ row: row.row, ...row.tokens });
  });

  const model = buildLanguageModel({ config, tensors, training: settings });
  const questions = chats.map((messages) => ({ question: must(messages[0], 'question').content, expected: must(messages.at(-1), 'answer').content }));
  const ask = async (): Promise<string[]> => {
    const written: string[] = [];
    for (const { question } of questions) written.push(await answer(model, renderer, question));
    return written;
  };
  const hits = (written: readonly string[]): number => written.filter((text, i) => exactMatch(text, must(questions[i], 'question').expected)).length;
  const exactBefore = hits(await ask());
  const steering = { signal: new AbortController().signal, paused: false, stopRequested: false, whilePaused: () => Promise.resolve() };
  const losses: number[] = [];
  const begun = performance.now();
  for await (const event of train(answers(model, { train: rows, validation: [] }, settings), settings, steering)) {
    if (event.type !== 'step') continue;
    losses.push(event.record.loss);
    console.error(`  step ${event.record.step}/${event.record.totalSteps} loss ${event.record.loss.toFixed(3)}, ${(event.record.elapsedMs / 1000).toFixed(0)} s`);
  }
  const trained = performance.now();
  const written = await ask();
  const answered = performance.now();
  const held = [];
  for (const { question, must_contain: words } of heldOut) {
    const text = await answer(model, renderer, question);
    held.push({ question, answer: text, right: words.some((word) => text.toLowerCase().includes(word.toLowerCase())) });
  }
  model.dispose();
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
    heldOut: held,
  };
}
