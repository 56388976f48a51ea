/** A file that is one text as a whole. */
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import { readHead } from '../tables/head';
import { RECORD_LIMIT, readText } from '../tables/text-stream';

/**
 * The text of a file, in whatever encoding tables are read; null for what is no text. Throws `bad-encoding`, and
 * `bad-data` for a text that is longer than a row may be.
 */
export async function wholeText(source: ByteSource, pause: () => Promise<void>): Promise<string | null> {
  if (source.size === 0) return '';
  const head = await readHead(source);
  // White space only is an empty text; what else is refused is binary.
  if (!head.text) return head.bytes.every((byte) => byte <= 32) ? '' : null;
  let text = '';
  const reader = {
    push: (piece: string) => {
      text += piece;
      if (text.length > RECORD_LIMIT)
        throw new TabtuneError('bad-data', 'This text is longer than 16 million characters.', {
          place: { file: source.name },
          fix: 'Divide it, or drop the folder without it.',
        });
    },
    end: () => undefined,
  };
  const sink = { progress: pause, column: () => 0, row: () => undefined, warn: () => undefined };
  await readText(source, sink, { format: 'text', decimalComma: false, encoding: head.text.encoding }, reader);
  return text;
}
