/** Requests about the device: measuring the backends at the start, and changing to another one. */
import type { BackendName, DeviceReport } from '../../domain/device';
import { measureBackends } from '../../engine/backend/backends';
import type { WorkerSettings } from '../link/protocol';
import type { Session } from '../session';

/** Takes the settings and measures what this machine offers; a later call measures again. */
export async function start(session: Session, settings: WorkerSettings): Promise<DeviceReport> {
  session.refuseWhileTraining('The worker cannot be started anew');
  session.settings = settings;
  // Opened now so that leftovers are removed before anything new is written.
  await session.storage();
  return useBackend(session, { backend: settings.backendOverride });
}

/** Changes the backend; models are rebuilt on the new one when they are next needed. */
export async function useBackend(
  session: Session,
  { backend }: { backend: BackendName | null },
): Promise<DeviceReport> {
  session.refuseWhileTraining('The device cannot be changed');
  const { baseUrl } = session.requireSettings();
  return session.engineTurns.take(async () => {
    session.run?.release();
    const device = await measureBackends({ wasmPath: new URL('wasm/', baseUrl).href, override: backend });
    session.device = device;
    return device;
  });
}
