/** A sentence in which `names` between backticks are set apart. */
import { Code } from '@mantine/core';

export function WithNames({ text }: { text: string }) {
  // Splitting at backticks puts the names at the odd places; the places never change order.
  return <>{text.split('`').map((part, place) => (place % 2 ? <Code key={place}>{part}</Code> : part))}</>;
}
