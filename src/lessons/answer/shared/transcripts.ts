/** Conversations written as one text: `Human: … Assistant: …`, as in HH-RLHF, or with `###` before the names. */
import type { ChatMessage, ChatRole } from '../../../domain/conversation';

const SPEAKERS: ReadonlyMap<string, ChatRole> = new Map([
  ['human', 'user'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['ai', 'assistant'],
  ['system', 'system'],
]);

/** Names stand behind an empty line, or behind `###`. */
const BLANK = /(?:^|\n[ \t]*\n)[ \t]{0,9}(Human|User|Assistant|AI|System):/g;
const HASHES = /###[ \t]{0,9}(Human|User|Assistant|AI|System):/g;

/** The turns of a transcript, or null for any other text. One begins with a name, and the assistant speaks in it. */
export function transcriptTurns(text: string): ChatMessage[] | null {
  for (const pattern of [BLANK, HASHES]) {
    const places = [...text.trimStart().matchAll(pattern)];
    if (places[0]?.index !== 0 || places.length < 2) continue;
    const body = text.trimStart();
    const turns = places.map((place, at): ChatMessage => {
      const content = body.slice(place.index + place[0].length, places[at + 1]?.index).trim();
      return { role: SPEAKERS.get((place[1] ?? '').toLowerCase()) ?? 'user', content };
    });
    if (!turns.some(({ role }) => role === 'assistant')) continue;
    // What is to be answered often ends with the name alone.
    const last = turns.at(-1);
    return last?.role === 'assistant' && last.content === '' ? turns.slice(0, -1) : turns;
  }
  return null;
}
