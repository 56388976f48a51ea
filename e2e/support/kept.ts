/**
 * What the browser's storage holds of runs, read past the app: also before it is opened again after a kill and tidies
 * up.
 */
import type { Page } from '@playwright/test';

export interface KeptRuns {
  /**
   * Of every finished run, the SHA-256 of all that it came to: its weights, and the losses, learning rates and gradient
   * norms of its steps and validations.
   */
  finished: string[];
  /**
   * The one run that has not ended; null when there is none. A database that is gone is a checkpoint that is not whole.
   */
  unfinished: LeftCheckpoint | null;
}

export interface LeftCheckpoint {
  /** Of the newest checkpoint that the manifest names. */
  step: number;
  /** Its files are those that were hashed when they were written. */
  whole: boolean;
  /** Some other file is there that no manifest names, or is not as it was when it was: a save had begun. */
  insideASave: boolean;
}

/** @param page any page of the app's origin */
export function keptRuns(page: Page): Promise<KeptRuns> {
  return page.evaluate(async () => {
    interface Kept {
      path: string;
      sha256: string;
    }
    interface Manifest {
      saves: { step: number; state: Kept; best: Kept | null }[];
    }
    interface Finished {
      id: string;
      summary: { steps: Record<string, number>[]; validations: unknown[] };
    }
    const database = await new Promise<IDBDatabase | null>((resolve) => {
      const request = indexedDB.open('tabtune');
      // Nothing is made where nothing is left.
      request.onupgradeneeded = () => request.transaction?.abort();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    });
    if (!database) return { finished: [], unfinished: { step: 0, whole: false, insideASave: false } };
    const all = <T>(store: string): Promise<T[]> =>
      new Promise((resolve, reject) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => resolve(request.result as T[]);
        request.onerror = () => reject(new Error(`“${store}” cannot be read.`));
      });
    const [runs, manifests] = [await all<Finished>('runs'), await all<Manifest>('checkpoints')];
    database.close();
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('tabtune');
    const hash = async (bytes: BufferSource): Promise<string> =>
      Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join('');
    const hashesIn = async (name: string): Promise<Map<string, string>> => {
      const found = new Map<string, string>();
      const folder = await root.getDirectoryHandle(name).catch(() => null);
      for await (const entry of folder?.values() ?? [])
        if (entry.kind === 'file')
          found.set(`${name}/${entry.name}`, await hash(await (await entry.getFile()).arrayBuffer()));
      return found;
    };
    const weights = await hashesIn('runs');
    const finished = runs.map(({ id, summary: { steps, validations } }) => {
      const learned = steps.map(({ step, epoch, loss, learningRate, gradientNorm }) => [
        step,
        epoch,
        loss,
        learningRate,
        gradientNorm,
      ]);
      return hash(
        new TextEncoder().encode(
          JSON.stringify([weights.get(`runs/${id}.safetensors`) ?? `no weights of ${id}`, learned, validations]),
        ),
      );
    });
    const [manifest] = manifests;
    const [newest] = manifest?.saves ?? [];
    if (!manifest || !newest) return { finished: await Promise.all(finished), unfinished: null };
    const files = await hashesIn('checkpoints');
    const isWhole = ({ state, best }: Manifest['saves'][number]): boolean =>
      [state, ...(best ? [best] : [])].every(({ path, sha256 }) => files.get(path) === sha256);
    const named = new Set(manifest.saves.flatMap(({ state, best }) => [state.path, ...(best ? [best.path] : [])]));
    const insideASave = !manifest.saves.every(isWhole) || [...files.keys()].some((path) => !named.has(path));
    return {
      finished: await Promise.all(finished),
      unfinished: { step: newest.step, whole: isWhole(newest), insideASave },
    };
  });
}
