/** What a file picker offers, by the format's id: name endings and media types. The page needs no more of a format. */
export const FILE_TYPES = {
  json: ['.json', 'application/json'],
  jsonl: ['.jsonl', '.ndjson'],
  fasttext: ['.txt', '.ft', '.train', '.valid', '.test'],
  rasa: ['.yml', '.yaml'],
  text: ['.txt', '.md', 'text/plain'],
  tsv: ['.tsv'],
  csv: ['.csv', 'text/csv'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
