/** How GGUF stores values: the quantizations that are read, with their block sizes, and the names of the others. */

/** Types whose tensors are read. Numbers are those of `enum ggml_type` (ggml.h). */
export const GGUF_TYPES = {
  F32: { id: 0, blockValues: 1, blockBytes: 4 },
  F16: { id: 1, blockValues: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockValues: 32, blockBytes: 18 },
  Q4_1: { id: 3, blockValues: 32, blockBytes: 20 },
  Q5_0: { id: 6, blockValues: 32, blockBytes: 22 },
  Q5_1: { id: 7, blockValues: 32, blockBytes: 24 },
  Q8_0: { id: 8, blockValues: 32, blockBytes: 34 },
  Q4_K: { id: 12, blockValues: 256, blockBytes: 144 },
  Q5_K: { id: 13, blockValues: 256, blockBytes: 176 },
  Q6_K: { id: 14, blockValues: 256, blockBytes: 210 },
  BF16: { id: 30, blockValues: 1, blockBytes: 2 },
} as const satisfies Record<string, { id: number; blockValues: number; blockBytes: number }>;

export type GgufType = keyof typeof GGUF_TYPES;

/** The names of the types that are not read, to say which one it is. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  4: 'Q4_2',
  5: 'Q4_3',
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  31: 'Q4_0_4_4',
  32: 'Q4_0_4_8',
  33: 'Q4_0_8_8',
  34: 'TQ1_0',
  35: 'TQ2_0',
  36: 'IQ4_NL_4_4',
  37: 'IQ4_NL_4_8',
  38: 'IQ4_NL_8_8',
  39: 'MXFP4',
};

const BY_ID = new Map<number, GgufType>(
  (Object.keys(GGUF_TYPES) as GgufType[]).map((name) => [GGUF_TYPES[name].id, name]),
);

/** The type with this number when it is read, else null. */
export const typeWithId = (id: number): GgufType | null => BY_ID.get(id) ?? null;

/** What a type that is not read is called. */
export const nameOfOther = (id: number): string => OTHER_TYPES[id] ?? `type ${id}`;

/** Bytes of `count` values; `count` must be a multiple of the block. */
export const packedBytes = (type: GgufType, count: number): number =>
  (count / GGUF_TYPES[type].blockValues) * GGUF_TYPES[type].blockBytes;
