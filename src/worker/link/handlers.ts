/** Every request of the protocol and the function that answers it. */
import { closeData, openData, readAgain, rows, setMapping, setSplit } from '../data/dataset';
import { lookInside } from '../data/look-inside';
import { rowSeen, tokenLengths } from '../data/lengths';
import { closeModel, describeModel, estimate, loadModel } from '../model/base-model';
import { start, useBackend } from '../model/device';
import { askRun, evaluate } from '../run/evaluation';
import { exportOffers, exportRun } from '../run/exports';
import { goOnFromRun } from '../run/next-base';
import { duplicateRun, exportProject, importProject, renameRun } from '../run/projects';
import {
  clearEverything,
  clearModelCache,
  deleteDataset,
  deleteRun,
  deleteUnfinished,
  listRuns,
  listUnfinished,
  openRun,
  openUnfinished,
  storageReport,
} from '../run/kept-runs';
import type { Handlers } from './server';
import { Session } from '../session';
import type { Environment } from '../session';
import { reviveWhenIdle } from '../run/gpu-loss';
import type { RunInHand, RunSession } from '../run/run';
import { resumeRun, train } from '../run/conduct';

/** Of the tab: its settings, its device, and whether it may write. */
const ofTab = (session: RunSession) =>
  ({
    start: (settings) => start(session, settings),
    useBackend: (choice) => useBackend(session, choice),
    setCheckpointSeconds: async ({ seconds }) => {
      session.settings = { ...session.requireSettings(), checkpointSeconds: seconds };
      return null;
    },
    setTuning: async (tuning) => {
      session.tuning = tuning;
      return null;
    },
    access: async () => ({ writable: (await session.storage()).writable }),
    waitForWriting: async () => {
      await session.environment.waitForWriting();
      return null;
    },
  }) satisfies Partial<Handlers>;

/** Of data set and model. */
const ofData = (session: RunSession) =>
  ({
    lookInside: ({ files }) => lookInside(files),
    openData: (source, context) => openData(session, source, context),
    readAgain: (wishes, context) => readAgain(session, wishes, context),
    setMapping: (mapping, context) => setMapping(session, mapping, context),
    setSplit: (split) => setSplit(session, split),
    closeData: () => closeData(session),
    rows: (page) => rows(session, page),
    describeModel: (pick, context) => describeModel(session, pick, context),
    loadModel: (pick, context) => loadModel(session, pick, context),
    goOnFromRun: (_, context) => goOnFromRun({ session, context }),
    closeModel: () => closeModel(session),
    tokenLengths: (config, context) => tokenLengths({ session, context }, config),
    rowSeen: (params, context) => rowSeen({ session, context }, params),
    estimate: (config, context) => estimate({ session, context }, config),
  }) satisfies Partial<Handlers>;

/** Of a run under way. */
const ofTraining = (session: RunSession) =>
  ({
    train: (request, context) => train(session, request, context),
    resumeRun: (params, context) => resumeRun(session, params, context),
    saveNow: async () => {
      session.control?.saveNow();
      return null;
    },
    pause: async () => {
      session.control?.pause();
      return null;
    },
    resume: async () => {
      session.control?.resume();
      return null;
    },
    stopAndKeep: async () => {
      session.control?.stop();
      return null;
    },
  }) satisfies Partial<Handlers>;

/** Of the run in hand. */
const ofRun = (session: RunSession) =>
  ({
    evaluate: (_, context) => evaluate({ session, context }),
    askRun: (params, context) => askRun({ session, context }, params),
    exportOffers: async () => exportOffers(session),
    exportRun: (params, context) => exportRun({ session, context }, params),
    openRun: (params, context) => openRun(session, params, context),
  }) satisfies Partial<Handlers>;

/** Of all that is kept. */
const ofKept = (session: RunSession) =>
  ({
    storage: () => storageReport(session),
    listRuns: () => listRuns(session),
    deleteRun: (params) => deleteRun(session, params),
    listUnfinished: () => listUnfinished(session),
    openUnfinished: (params, context) => openUnfinished(session, params, context),
    deleteUnfinished: (params) => deleteUnfinished(session, params),
    renameRun: (params) => renameRun(session, params),
    duplicateRun: (params) => duplicateRun(session, params),
    exportProject: (params, context) => exportProject(session, params, context),
    importProject: (params, context) => importProject(session, params, context),
    deleteDataset: (params) => deleteDataset(session, params),
    clearModelCache: () => clearModelCache(session),
    clearEverything: () => clearEverything(session),
  }) satisfies Partial<Handlers>;

/** Handlers over one session; nothing is opened or measured before `start`. */
export function createHandlers(environment: Environment): Handlers {
  const session = new Session<RunInHand>(environment, reviveWhenIdle);
  return { ...ofTab(session), ...ofData(session), ...ofTraining(session), ...ofRun(session), ...ofKept(session) };
}
