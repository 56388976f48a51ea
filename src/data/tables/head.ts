/** Looks at the beginning of a file once, for all formats. */
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import type { ReadWishes } from '../../domain/dataset';
import { StreamDecoder } from './decode';
import { detectEncoding } from './encoding';
import type { FileHead, HeadText } from './format';

const HEAD_BYTES = 1 << 18;

/** The head of a file, and when it is no text to read: why, for the case that no other format takes it either. */
export async function readHead(
  source: ByteSource,
  wishes: ReadWishes = {},
): Promise<FileHead & { refusal: TabtuneError | null }> {
  const bytes = await source.read(0, Math.min(HEAD_BYTES, source.size));
  const head = { source, bytes, whole: source.size <= HEAD_BYTES, wishes };
  try {
    return { ...head, text: await textOf(head), refusal: null };
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError)) throw thrown;
    return { ...head, text: null, refusal: thrown };
  }
}

/** Throws `bad-data` or `bad-encoding` for what is no text, white space only, or a web page. */
async function textOf({ source, bytes, whole, wishes }: Omit<FileHead, 'text'>): Promise<HeadText> {
  const file = source.name;
  const encoding = wishes.encoding ?? (await detectEncoding(bytes, file, whole));
  const sample = new StreamDecoder(encoding).push(bytes);
  if (sample.trim() === '' && whole)
    throw new TabtuneError('bad-data', 'The file holds nothing but white space.', {
      place: { file },
      fix: 'Choose a file with rows of text and labels.',
    });
  if (/^\s*<(!doctype html|html[\s>])/i.test(sample))
    throw new TabtuneError('bad-data', 'This is a web page, not a table of text.', {
      place: { file },
      fix: 'The download may have led to a page instead of the file: get the file itself.',
    });
  return { encoding, sample };
}
