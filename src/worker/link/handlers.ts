/** Every request of the protocol and the function that answers it. */
import { answer } from '../../lessons/answer/worker/answer';
import { closeData, openData, rows, setMapping, setSplit, shownTokens, tokenLengths, tokenView } from '../data/opening';
import { start, useBackend } from '../model/device';
import { cellRows, evaluate } from '../run/evaluation';
import { exportRun } from '../run/exporting';
import { goOnFromRun } from '../run/next-base';
import { closeModel, describeModel, estimate, loadModel } from '../model/loading';
import { predictor } from '../../lessons/classify/worker/predict';
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
import { resumeRun, train } from '../run/conduct';

/** Handlers over one session; nothing is opened or measured before `start`. */
export function createHandlers(environment: Environment): Handlers {
  const session = new Session(environment);
  return {
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
      await environment.waitForWriting();
      return null;
    },
    openData: (source, context) => openData(session, source, context),
    setMapping: (mapping, context) => setMapping(session, mapping, context),
    setSplit: (split) => setSplit(session, split),
    closeData: () => closeData(session),
    rows: (page) => rows(session, page),
    describeModel: (pick, context) => describeModel(session, pick, context),
    loadModel: (pick, context) => loadModel(session, pick, context),
    goOnFromRun: (_, context) => goOnFromRun(session, context),
    closeModel: () => closeModel(session),
    tokenLengths: (params, context) => tokenLengths(session, params, context),
    tokenView: (params) => tokenView(session, params),
    shownTokens: (params) => shownTokens(session, params),
    estimate: (config, context) => estimate(session, config, context),
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
    evaluate: (_, context) => evaluate(session, context),
    cellRows: (cell, context) => cellRows(session, cell, context),
    predict: predictor(session),
    answer: (params, context) => answer(session, params, context),
    exportRun: (params, context) => exportRun(session, params, context),
    openRun: (params, context) => openRun(session, params, context),
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
  };
}
