/**
 * What is in the built files: of TensorFlow.js the parts that the engine imports, and neither layers nor WebGL, which
 * the whole would bring.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { DIST } from './support/site';

const PACKAGES = join(import.meta.dirname, '..', 'node_modules', '@tensorflow');

/** Texts in the code of a part: names of classes, kernels and flags, and words of shaders. Minifying leaves them. */
const OF: Record<string, { file: string; texts: string[] }> = {
  layers: { file: 'tfjs-layers/dist/tf-layers.fesm.js', texts: ['GlorotNormal', 'ZeroPadding2D', 'StackedRNNCells'] },
  webgl: {
    file: 'tfjs-backend-webgl/dist/tf-backend-webgl.fesm.js',
    texts: ['WEBGL_FORCE_F16_TEXTURES', '#version 300 es', 'texSubImage2D'],
  },
  core: { file: 'tfjs-core/dist/tf-core.fesm.js', texts: ['SparseSegmentSum', 'FusedBatchNorm'] },
  webgpu: {
    file: 'tfjs-backend-webgpu/dist/tf-backend-webgpu.fesm.js',
    texts: ['WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 'workgroupBarrier'],
  },
};

const scripts = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
const holding = (text: string): string[] =>
  scripts.filter((path) => readFileSync(join(DIST, path), 'utf8').includes(text));

for (const [part, { file, texts }] of Object.entries(OF)) {
  const wanted = part === 'core' || part === 'webgpu';
  test(`the bundles hold ${wanted ? 'the code' : 'no code'} of TensorFlow.js’s ${part}`, () => {
    const source = readFileSync(join(PACKAGES, file), 'utf8');
    for (const text of texts) {
      expect(source, `${text} in ${file}`).toContain(text);
      if (wanted) expect(holding(text), text).not.toEqual([]);
      else expect(holding(text), text).toEqual([]);
    }
  });
}
