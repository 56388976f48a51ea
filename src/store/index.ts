/** The page's own store: its slices as hooks, on the one connection to the worker. */
import { follow, hear, watchPage } from './boot';
import { pageBrowser } from './browser';
import { ask, connection } from './connection';
import { makeStore } from './make-store';
import type { DroppedFile } from './sort-files';

export type { Store } from './make-store';

const browser = pageBrowser();
export const store = makeStore({ ask, browser });

export const useBoot = store.boot;
export const useData = store.data;
export const useDevice = store.device;
export const useIntake = store.intake;
export const useModel = store.model;
export const useOffline = store.offline;
export const useProjects = store.projects;
export const useResults = store.results;
export const useSafety = store.safety;
export const useShowMe = store.showMe;
export const useStorage = store.storage;
export const useTraining = store.training;
export const useTuning = store.tuning;
export const useUi = store.ui;
export const useUnfinished = store.unfinished;

export const { session } = store;
export const { go } = browser;
export const takeFiles = (files: readonly DroppedFile[]): Promise<void> => store.intake.getState().take(files);
export const boot = (): Promise<void> => store.boot.getState().start();
export const openRun = (id: string): Promise<string | null> => store.boot.getState().openRun(id);

/** Has the store follow worker and page, and starts it; called once. */
export function begin(): void {
  follow(store);
  hear(store, connection);
  watchPage(store, browser);
  void boot();
}
