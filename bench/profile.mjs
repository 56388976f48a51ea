/** `node bench/profile.mjs [--batch 8] [--length 32] [--repeats 20] [--method full|lora]`: see bench/README.md. */
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const number = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: { batch: number('8'), length: number('32'), repeats: number('20'), method: number('full') },
});
const { profile } = await engineInNode('bench/profile.ts', 'webgpu');
const { device, batch, length, dispatches, stepMilliseconds, shaders } = await profile(
  Number(values.batch),
  Number(values.length),
  Number(values.repeats),
  values.method,
);
const alone = /** @type {{ shader: string, dispatches: number, milliseconds: number }[]} */ (shaders);
const sum = alone.reduce((total, { milliseconds }) => total + milliseconds, 0);
console.log(
  `${device}, ${batch} × ${length}: ${stepMilliseconds.toFixed(2)} ms a replayed step, ${dispatches} ` +
    `dispatches; one by one ${sum.toFixed(2)} ms`,
);
for (const { shader, dispatches, milliseconds } of alone.slice(0, 40))
  console.log(
    `${milliseconds.toFixed(3).padStart(9)} ms  ${((100 * milliseconds) / sum).toFixed(1).padStart(5)} %  ` +
      `${String(dispatches).padStart(3)} ×  ${shader}`,
  );
process.exit();
