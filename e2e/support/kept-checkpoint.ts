/** What a killed browser has left of an unfinished run, looked at before the app is opened again and tidies up. */
import type { Page } from '@playwright/test';

export interface LeftCheckpoint {
  /** Of the newest checkpoint that the manifest names. */
  step: number;
  /** Its files are those that were hashed when they were written. */
  whole: boolean;
  /** Some other file is there that no manifest names, or is not as it was when it was: a save had begun. */
  insideASave: boolean;
}

/** Null when there is no unfinished run; a database that is gone is a checkpoint that is not whole. @param address a page of the app's origin that is not the app */
export async function keptCheckpoint(page: Page, address: string): Promise<LeftCheckpoint | null> {
  await page.goto(address);
  return page.evaluate(async () => {
    interface Kept {
      path: string;
      sha256: string;
    }
    interface Manifest {
      saves: { step: number; state: Kept; best: Kept | null }[];
    }
    const database = await new Promise<IDBDatabase | null>((resolve) => {
      const request = indexedDB.open('tabtune');
      // Nothing is made where nothing is left.
      request.onupgradeneeded = () => request.transaction?.abort();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    });
    if (!database) return { step: 0, whole: false, insideASave: false };
    const [manifest] = await new Promise<Manifest[]>((resolve, reject) => {
      const request = database.transaction('checkpoints').objectStore('checkpoints').getAll();
      request.onsuccess = () => resolve(request.result as Manifest[]);
      request.onerror = () => reject(new Error('The manifest cannot be read.'));
    });
    database.close();
    const [newest] = manifest?.saves ?? [];
    if (!manifest || !newest) return null;
    const folder = await (await (await navigator.storage.getDirectory()).getDirectoryHandle('tabtune')).getDirectoryHandle('checkpoints');
    const found = new Map<string, string>();
    for await (const entry of folder.values()) {
      if (entry.kind !== 'file') continue;
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await (await entry.getFile()).arrayBuffer()));
      found.set(`checkpoints/${entry.name}`, Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''));
    }
    const isWhole = ({ state, best }: Manifest['saves'][number]): boolean => [state, ...(best ? [best] : [])].every(({ path, sha256 }) => found.get(path) === sha256);
    const named = new Set(manifest.saves.flatMap(({ state, best }) => [state.path, ...(best ? [best.path] : [])]));
    return { step: newest.step, whole: isWhole(newest), insideASave: !manifest.saves.every(isWhole) || [...found.keys()].some((path) => !named.has(path)) };
  });
}
