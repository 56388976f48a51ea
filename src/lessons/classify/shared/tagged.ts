/** Words with a tag each, as CoNLL files have them. */

/** `O`, `B-person`, and the other letters of such tags. */
const TAG = /^(?:O|[BIESLUM]-\S+)$/;

export const isTag = (label: string): boolean => TAG.test(label);

/** Whether every line of a text is a word, perhaps more, and a tag: `EU NNP B-NP B-ORG`. */
export function isTagged(text: string): boolean {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('-DOCSTART-'));
  return (
    lines.length > 1 &&
    lines.every((line) => {
      const parts = line.split(/\s+/);
      return parts.length > 1 && isTag(parts[parts.length - 1] ?? '');
    })
  );
}
