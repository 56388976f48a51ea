/** A file that is one text as a whole. */
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import type { ReadWishes, TextEncodingName } from '../../domain/dataset';
import { readHead } from '../tables/head';
import { RECORD_LIMIT, readText } from '../tables/text-stream';

export interface WholeText {
  text: string;
  encoding: TextEncodingName | null;
  /** What reading it had to say. */
  warnings: string[];
}

/**
 * The text of a file, in whatever encoding tables are read; null for what is no text. Throws `bad-data` for a text that
 * is longer than a row may be.
 */
export async function wholeText(
  source: ByteSource,
  pause: () => Promise<void>,
  wishes: ReadWishes,
): Promise<WholeText | null> {
  const empty = { text: '', encoding: null, warnings: [] };
  if (source.size === 0) return empty;
  const head = await readHead(source, wishes);
  // White space only is an empty text; what else is refused is binary.
  if (!head.text) return head.bytes.every((byte) => byte <= 32) ? empty : null;
  let { encoding } = head.text;
  // What comes late may contradict the encoding that the beginning was in.
  for (;;) {
    const read = await readAs(source, pause, { encoding, wishes });
    if (read.better === null || read.better === encoding) return { text: read.text, encoding, warnings: read.warnings };
    encoding = read.better;
  }
}

async function readAs(
  source: ByteSource,
  pause: () => Promise<void>,
  how: { encoding: TextEncodingName; wishes: ReadWishes },
): Promise<{ text: string; warnings: string[]; better: TextEncodingName | null }> {
  let text = '';
  const warnings: string[] = [];
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
  const warn = (message: string): void => void warnings.push(message);
  const sink = { progress: pause, column: () => 0, row: () => undefined, warn };
  const better = await readText(source, sink, { format: 'text', decimalComma: false, ...how }, reader);
  return { text, warnings, better };
}
