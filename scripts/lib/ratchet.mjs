/**
 * What is still longer than the limits of `limits.mjs`, or imports in a circle: both lists only shrink
 * (scripts/limits.test.ts), and nothing is added.
 */

/** Files that one of the limits is off for. @type {string[]} */
export const LONG = [
  'src/app/dialogs/privacy-dialog.tsx',
  'src/app/dialogs/settings-dialog.tsx',
  'src/formats/gguf/checkpoint.ts',
  'src/formats/gguf/models/model.ts',
  'src/formats/sentence-transformers.ts',
  'src/formats/zip-directory.ts',
  'src/hub/dropped.ts',
  'src/hub/remote.ts',
  'src/lessons/answer/page/answer-settings.tsx',
  'src/lessons/answer/page/chat-store.ts',
  'src/lessons/answer/page/report.tsx',
  'src/lessons/answer/page/try.tsx',
  'src/lessons/classify/page/answers.tsx',
  'src/lessons/classify/page/confusion-matrix.tsx',
  'src/lessons/classify/page/mapping.tsx',
  'src/lessons/classify/page/try.tsx',
  'src/panels/data/rows-table.tsx',
  'src/panels/data/split-editor.tsx',
  'src/panels/model/candidate-card.tsx',
  'src/panels/runs/runs-panel.tsx',
  'src/panels/train/run-figures.tsx',
  'src/panels/train/smaller-batch.tsx',
  'src/panels/train/start-card.tsx',
  'src/storage/files.ts',
  'src/store/data.ts',
  'src/store/model.ts',
  'src/store/results.ts',
  'src/store/training.ts',
  'src/testing/project.ts',
  'src/ui/unfinished-card.tsx',
];

/** Files of src/ that import each other. @type {string[][]} */
export const CIRCLES = [
  // A session holds the run in hand, whose methods are given the session.
  ['worker/run/export.ts', 'worker/run/gpu-loss.ts', 'worker/run/run.ts', 'worker/session.ts'],
];
