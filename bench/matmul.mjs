/** `node bench/matmul.mjs [--adapter real|software] [--quick] [--limit 75]`: see bench/README.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const { values } = parseArgs({
  options: {
    adapter: { type: 'string', default: 'software' },
    quick: { type: 'boolean', default: false },
    limit: { type: 'string', default: '75' },
  },
});
const { measureMatmul, matmulTable } = await engineInNode('bench/matmul.ts', 'webgpu', {
  adapter: values.adapter === 'real' ? 'real' : 'software',
});
const report = await measureMatmul(values.quick, Number(values.limit), console.log);
const table = matmulTable(report);
console.log(`\n${table}`);
mkdirSync('bench/results', { recursive: true });
const name = `bench/results/matmul-${values.adapter}${values.quick ? '-quick' : ''}`;
const date = new Date().toISOString().slice(0, 10);
writeFileSync(`${name}.json`, `${JSON.stringify({ date, ...report }, null, 1)}\n`);
writeFileSync(`${name}.md`, `# Matrix products, kernel by kernel\n\n${date}; ${table}`);
process.exit();
