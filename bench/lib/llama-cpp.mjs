/**
 * `node bench/lib/llama-cpp.mjs INSTALLED FOLDER`: what exports.mjs left in FOLDER in llama.cpp, by way of
 * node-llama-cpp in INSTALLED/node_modules: its top tokens and what it writes, beside ours. Prints a line of JSON.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {{ text: string, ids: number[], promptIds: number[], from: number, to: number, written: number[], stops:
 * boolean }} ExportCase
 */

/**
 * What is used of the library.
 * @typedef {{ next: { logits?: Map<number, number> } }} Evaluated
 * @typedef {{ controlledEvaluate(input: (number | [number, object])[]): Promise<(Evaluated | undefined)[]>,
 * evaluate(ids: number[], options: object): AsyncIterable<number>, clearHistory(): Promise<void> }} Sequence
 * @typedef {{ tokenize(text: string, special: boolean): number[], createContext(options: object): Promise<{
 * getSequence(): Sequence }> }} Model
 * @typedef {{ getLlama: (options: object) => Promise<{ loadModel(options: { modelPath: string }): Promise<Model> }> }}
 * Library
 */

const LONGEST_ANSWER = 60;

/** Our top token at each compared position of a case. @param {Float32Array} logits @param {number} positions */
function topTokens(logits, positions) {
  const width = logits.length / positions;
  return Array.from({ length: positions }, (_, n) => {
    let best = n * width;
    for (let c = best; c < (n + 1) * width; c++) if ((logits[c] ?? NaN) > (logits[best] ?? NaN)) best = c;
    return best - n * width;
  });
}

/** Reads the same tokens with llama.cpp and lets it write. @param {string} installed @param {string} folder */
async function readWithLlamaCpp(installed, folder) {
  /** @type {ExportCase[]} */
  const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'));
  const found = createRequire(join(installed, 'package.json')).resolve('node-llama-cpp');
  const { getLlama } = /** @type {Library} */ (await import(pathToFileURL(found).href));
  const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });
  const model = await llama.loadModel({ modelPath: join(folder, 'model.gguf') });
  // Several threads of llama.cpp wait for each other in loops, which takes minutes on a busy machine.
  const sequence = (await model.createContext({ contextSize: 512, threads: 1 })).getSequence();
  const result = {
    positions: 0,
    sameTop: 0,
    largestGap: 0,
    answers: cases.length,
    answersAlike: 0,
    stopsAlike: 0,
    promptsWithOtherIds: 0,
  };
  for (const [i, { text, ids, promptIds, from, to, written, stops }] of cases.entries()) {
    if (model.tokenize(text, true).join() !== promptIds.join()) result.promptsWithOtherIds++;
    const tops = topTokens(
      new Float32Array(new Uint8Array(readFileSync(join(folder, `logits-${i}.f32`))).buffer),
      to - from,
    );
    await sequence.clearHistory();
    const ask = (/** @type {number} */ top) => ({
      generateNext: { logits: { filter: { tokens: [top], includeTop: 1 } } },
    });
    const read = await sequence.controlledEvaluate(
      ids.slice(0, to).map((id, at) => (at < from ? id : [id, ask(tops[at - from] ?? 0)])),
    );
    for (const [n, top] of tops.entries()) {
      const theirs = read[from + n]?.next.logits;
      if (!theirs) throw new Error(`llama.cpp gave no logits at position ${from + n}.`);
      const [best, highest] = [...theirs].reduce((a, b) => (b[1] > a[1] ? b : a));
      result.positions++;
      if (best === top) result.sameTop++;
      else result.largestGap = Math.max(result.largestGap, highest - (theirs.get(top) ?? -Infinity));
    }
    await sequence.clearHistory();
    const answer = [];
    let ended = true;
    for await (const id of sequence.evaluate(promptIds, { temperature: 0 })) {
      answer.push(id);
      if (answer.length >= LONGEST_ANSWER) {
        ended = false;
        break;
      }
    }
    if (answer.join() === written.join()) result.answersAlike++;
    if (ended === stops && answer.length === written.length) result.stopsAlike++;
  }
  return result;
}

const [installed = '', folder = ''] = process.argv.slice(2);
console.log(JSON.stringify(await readWithLlamaCpp(resolve(installed), folder)));
process.exit();
