/**
 * `node bench/in-node.mjs [--only full-8x32,…] [--adapter real|software] [--steps 5] [--rounds 5]`: see
 * bench/README.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const text = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: {
    only: text('full-8x32,lora-8x32,full-16x128,decoder-lora-8x32,stories-full-8x32'),
    adapter: text('software'),
    steps: text('5'),
    rounds: text('5'),
    library: text(''),
    limit: text('120'),
  },
});
const adapter = values.adapter === 'real' ? 'real' : 'software';
const MARK = 'timed ';

const { contenders, timePeer } = await engineInNode('bench/in-node.ts', 'webgpu', { adapter });
if (values.library) {
  console.log(
    MARK + JSON.stringify(await timePeer(values.library, values.only, Number(values.steps), Number(values.rounds))),
  );
  process.exit();
}

/**
 * One contender in a process of its own, so that none inherits what another has left. @param {string} work @param
 * {string} library
 */
function timed(work, library) {
  const args = [
    fileURLToPath(import.meta.url),
    '--library',
    library,
    '--only',
    work,
    '--adapter',
    adapter,
    '--steps',
    values.steps,
    '--rounds',
    values.rounds,
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 1000 * Number(values.limit),
    killSignal: 'SIGKILL',
  });
  const line = stdout.split('\n').find((line) => line.startsWith(MARK));
  if (line) return JSON.parse(line.slice(MARK.length));
  return { library, reason: /Error: (.*)/.exec(stderr)?.[1] ?? `no result within ${values.limit} s` };
}

const report = [];
for (const work of values.only.split(',')) {
  const rows = contenders(work).map((/** @type {string} */ library) => timed(work, library));
  const ours = rows.find((/** @type {{ library: string }} */ row) => row.library === 'ours')?.median;
  console.log(`\n${work}${rows[0]?.device ? `, ${rows[0].device}` : ''}`);
  for (const row of rows)
    console.log(
      row.reason
        ? `  ${row.library}: ${row.reason}`
        : `  ${row.label}: median ${row.median.toFixed(2)} ms a step, least ${row.least.toFixed(2)}, ` +
            `${(row.median / ours).toFixed(2)} × ours; ${Math.round(row.dispatches)} dispatches, ` +
            `${row.submits.toFixed(1)} submits, ${(row.peakBytes / 2 ** 20).toFixed(0)} MB; loss ` +
            `${row.losses[0].toFixed(4)} → ${row.losses.at(-1).toFixed(4)} in ${row.losses.length} steps`,
    );
  report.push({ work, rows });
}
mkdirSync('bench/results', { recursive: true });
writeFileSync(
  `bench/results/in-node-${adapter}.json`,
  `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), node: process.version, works: report }, null, 1)}\n`,
);
process.exit();
