/** The store: every slice, made of what is given, so that tests run it without a browser or a worker. */
import { createBoot } from './boot';
import { createData } from './data';
import { createDevice } from './device';
import { createIntake } from './intake';
import { createModel } from './model';
import { createOffline } from './offline';
import type { Ask, Browser } from './outside';
import { createProjects } from './projects';
import { createResults } from './results';
import { createSafety } from './safety';
import { createSession } from './session';
import { createShowMe } from './show-me';
import { createStorage } from './storage';
import { createTraining } from './training';
import { createTuning } from './tuning';
import { createUi } from './ui';
import { createUnfinished } from './unfinished';

export type Store = ReturnType<typeof makeStore>;

/** Makes the slices; nothing is asked and nothing listened to before `boot` and the functions of boot.ts. */
export function makeStore(outside: { ask: Ask; browser: Browser }) {
  const session = createSession(outside.browser);
  const base = { ...outside, session, ui: createUi(outside.browser.route()), offline: createOffline() };
  const kept = { ...base, tuning: createTuning(base), safety: createSafety(base), unfinished: createUnfinished(base) };
  const ended = { ...kept, device: createDevice(kept), results: createResults(kept) };
  const given = { ...ended, data: createData(ended), model: createModel(ended) };
  const parts = { ...given, training: createTraining(given) };
  const projects = createProjects(parts);
  return {
    ...parts,
    boot: createBoot(parts),
    projects,
    showMe: createShowMe(parts),
    storage: createStorage(parts),
    intake: createIntake({ ...parts, projects }),
  };
}
