/** Where the bytes of a data set come from that is no file. */
import { bytesSource } from '../../base/bytes';
import type { ByteSource } from '../../base/bytes';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { SAMPLES } from '../../data/samples';
import type { DataSource } from '../link/protocol';
import type { Context } from '../link/server';
import type { Session } from '../session';

/** Throws `not-found` for an unknown sample, `network`, `cancelled`. */
export async function byteSource(
  session: Session,
  source: Extract<DataSource, { kind: 'text' | 'sample' }>,
  context: Context,
): Promise<ByteSource> {
  switch (source.kind) {
    case 'text':
      return bytesSource(source.name, new TextEncoder().encode(source.text));
    case 'sample': {
      const card = SAMPLES.find((sample) => sample.id === source.id);
      if (!card) throw new TabtuneError('not-found', `There is no sample “${source.id}”.`);
      const url = new URL(`samples/${card.file}`, session.requireSettings().baseUrl).href;
      const response = await session.environment.fetch(url, { signal: context.signal }).catch((thrown: unknown) => {
        throwIfCancelled(context.signal);
        throw new TabtuneError('network', `The sample “${card.name}” could not be read.`, {
          place: { file: card.file },
          fix: 'Check the connection and try again.',
          cause: thrown,
        });
      });
      if (!response.ok)
        throw new TabtuneError('network', `The sample “${card.name}” could not be read (HTTP ${response.status}).`, {
          place: { file: card.file },
        });
      return bytesSource(card.file.split('/').at(-1) ?? card.file, new Uint8Array(await response.arrayBuffer()));
    }
  }
}
