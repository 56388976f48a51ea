/** `npm start`: installs what is missing, builds the app and serves it. `--port N` (or PORT) picks the port. */
import { join } from 'node:path';
import { ROOT, ensureDependencies } from './lib/dependencies.mjs';
import { serveFolder } from './lib/static-server.mjs';

const DEFAULT_PORT = 4173;

/** The port asked for, or null. */
function askedPort() {
  const at = process.argv.indexOf('--port');
  const text = at >= 0 ? process.argv[at + 1] : process.env['PORT'];
  if (text === undefined) return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`--port takes a number from 0 to 65535, not "${text}".`);
  return port;
}

/**
 * Serves on the port asked for, else on the default one, else on any free one.
 * @param {string} folder
 */
async function serve(folder) {
  const asked = askedPort();
  try {
    return await serveFolder({ folder, port: asked ?? DEFAULT_PORT });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    if (asked !== null) throw new Error(`Port ${asked} is in use; name another with --port.`);
    return serveFolder({ folder, port: 0 });
  }
}

try {
  ensureDependencies();
  console.log('Building …');
  const { build } = await import('vite');
  await build({ root: ROOT, logLevel: 'error' });
  const server = await serve(join(ROOT, 'dist'));
  console.log(`\nTabtune is ready at http://localhost:${server.port}/  (Ctrl+C stops it)`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
