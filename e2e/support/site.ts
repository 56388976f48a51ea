/** The built app on a server of its own, in a folder below the root, with the stand-in for the Hub beside it. */
import { join } from 'node:path';
import { serveFolder } from '../../scripts/lib/static-server.mjs';
import { HubServer } from './hub-server';

/** The build must run from any folder, so the tests never serve it from the root. */
const FOLDER = '/some/folder';

export interface Site {
  /** The app's address, with a slash at the end. */
  readonly url: string;
  readonly hubUrl: string;
  readonly hub: HubServer;
  close(): Promise<void>;
}

/** The built app. */
export const DIST = process.env['TABTUNE_DIST'] ?? join(import.meta.dirname, '..', '..', 'dist');

/**
 * @param options.headers false for a host that sends no headers of its own, as many static hosts do
 * @param options.folder what is served: the built app
 */
export async function openSite({ headers = true, folder = DIST } = {}): Promise<Site> {
  const hub = new HubServer();
  const server = await serveFolder({
    folder,
    port: 0,
    before: (request, response) => {
      if (!headers) for (const name of response.getHeaderNames()) response.removeHeader(name);
      if (hub.handle(request, response)) return true;
      const path = request.url ?? '/';
      request.url = path.startsWith(`${FOLDER}/`) ? path.slice(FOLDER.length) : '/outside-the-folder';
      return false;
    },
  });
  const origin = `http://127.0.0.1:${server.port}`;
  return { url: `${origin}${FOLDER}/`, hubUrl: `${origin}/hub`, hub, close: () => server.close() };
}
