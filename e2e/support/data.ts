/** Small data sets for the tests, drawn from fixed sentences so that every run sees the same rows. */
import { must } from '../../src/base/assert';

export const TOPICS = ['food', 'music', 'weather'] as const;

const SENTENCES: Record<(typeof TOPICS)[number], string[]> = {
  food: [
    'book a table for dinner',
    'find me a good restaurant',
    'lunch for two please',
    'a table in the old restaurant',
    'dinner for three tomorrow',
  ],
  music: [
    'play some music',
    'play the new album please',
    'find me the song',
    'play a love song',
    'some old music for me',
  ],
  weather: [
    'will it rain tomorrow',
    'what is the weather today',
    'is it sun or snow',
    'rain and cloud in the weather',
    'will it snow today',
  ],
};
const ENDINGS = ['', ' please', ' today', ' for me', ' tomorrow', ' one two', ' and a big one', ' in the red book'];

export interface LabelledText {
  text: string;
  label: string;
}

/** `perLabel` distinct rows for each topic, the topics taking turns. */
export function topicRows(perLabel = 30): LabelledText[] {
  return Array.from({ length: perLabel * TOPICS.length }, (_, index) => {
    const label = must(TOPICS[index % TOPICS.length]);
    const turn = Math.floor(index / TOPICS.length);
    const sentences = SENTENCES[label];
    const ending = must(ENDINGS[Math.floor(turn / sentences.length) % ENDINGS.length]);
    return { text: must(sentences[turn % sentences.length]) + ending, label };
  });
}

const quoted = (cell: string): string => (/[",;\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export function delimited(rows: readonly (readonly string[])[], delimiter = ','): string {
  return rows.map((row) => row.map(quoted).join(delimiter)).join('\n') + '\n';
}

export function topicsCsv(perLabel = 30, delimiter = ','): string {
  return delimited([['text', 'label'], ...topicRows(perLabel).map(({ text, label }) => [text, label])], delimiter);
}

export const jsonLines = (rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n') + '\n';

export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be';

/** The text's bytes; UTF-16 with its byte order mark. */
export function encoded(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'utf-8-bom':
      return Buffer.from(`\uFEFF${text}`, 'utf8');
    case 'utf-16le':
      return Buffer.from(`\uFEFF${text}`, 'utf16le');
    case 'utf-16be':
      return Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
  }
}

/** What a file chooser takes. */
export const upload = (name: string, content: string | Buffer): { name: string; mimeType: string; buffer: Buffer } => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: typeof content === 'string' ? Buffer.from(content, 'utf8') : content,
});
