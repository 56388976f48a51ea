/** The first table in a piece of HTML, as it comes from the clipboard, as tab-separated text. */

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Text with its entities put in. */
function plainText(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const quoted = (cell: string): string => (/["\t\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** The cells of the first table, or null when there is none. Markup inside cells is left out, line breaks are kept. */
export function htmlTable(html: string): string | null {
  const start = /<table[\s>]/i.exec(html)?.index;
  if (start === undefined) return null;
  const end = html.toLowerCase().indexOf('</table', start);
  const rows: string[][] = [];
  let cell: string | null = null;
  const close = (): void => {
    if (cell !== null) rows.at(-1)?.push(plainText(cell).trim());
    cell = null;
  };
  // Pieces begin behind each “<”: the tag, and the text up to the next one.
  for (const piece of html.slice(start, end < 0 ? undefined : end).split('<')) {
    const [, name = ''] = /^(\/?[a-z0-9]+)/i.exec(piece) ?? [];
    const tag = name.toLowerCase();
    const text = piece.slice(piece.indexOf('>') + 1).replace(/\s+/g, ' ');
    if (tag === 'tr' || tag === '/tr') close();
    if (tag === 'tr') rows.push([]);
    if (tag === 'td' || tag === 'th') {
      close();
      if (rows.length === 0) rows.push([]);
      cell = text;
    } else if (tag === '/td' || tag === '/th') close();
    else if (cell !== null) cell += tag === 'br' ? `\n${text}` : text;
  }
  close();
  const filled = rows.filter((row) => row.length > 0);
  return filled.length ? filled.map((row) => row.map(quoted).join('\t')).join('\n') : null;
}
