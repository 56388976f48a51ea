/** Recognises what a file really is by its name and first bytes, so that a refusal can give the true reason. */

const PICKLE_NAME = /\.(?:bin|pt|pth|ckpt|pkl|pickle)$/i;
const OTHER_WEIGHTS = /\.(?:h5|msgpack|onnx|gguf|ot|npz)$/i;

export const PICKLE_REASON =
  'A pickle can run any program when it is opened, so it is never read. Convert it once with ' +
  '`model.save_pretrained(folder, safe_serialization=True)` and use the model.safetensors it writes.';

/**
 * Whether the name is one that PyTorch gives to pickled weights (`pytorch_model.bin`, `.pt`, …); `training_args.bin`
 * counts too.
 */
export const hasPickleName = (path: string): boolean => PICKLE_NAME.test(path);

/** Whether the name belongs to weights in a format other than safetensors. */
export const hasOtherWeightsName = (path: string): boolean => OTHER_WEIGHTS.test(path);

const ascii = (bytes: Uint8Array, length: number): string => String.fromCharCode(...bytes.subarray(0, length));

/**
 * A pickle stream of protocol 2–5: PROTO opcode, then a global, a frame, a long, a mark, an empty container or a
 * unicode.
 */
function isPickleStream(bytes: Uint8Array): boolean {
  const protocol = bytes[1] ?? 0;
  const next = bytes[2] ?? 0;
  return (
    bytes[0] === 0x80 && protocol >= 2 && protocol <= 5 && [0x63, 0x95, 0x8a, 0x28, 0x7d, 0x5d, 0x58].includes(next)
  );
}

/**
 * What the first bytes of a supposed safetensors file show it to be, as a sentence with its remedy, or null when they
 * show nothing known. Look at 256 bytes or more.
 */
export function recogniseImpostor(bytes: Uint8Array): { what: string; fix: string } | null {
  const start = ascii(bytes, Math.min(bytes.length, 64));
  if (start.startsWith('PK\u0003\u0004')) {
    const pickled = ascii(bytes, Math.min(bytes.length, 256)).includes('data.pkl');
    return pickled
      ? { what: 'a PyTorch pickle (a zip with data.pkl)', fix: PICKLE_REASON }
      : { what: 'a zip archive', fix: 'Drop the archive itself as a .zip, or unpack it first.' };
  }
  if (isPickleStream(bytes)) return { what: 'a Python pickle', fix: PICKLE_REASON };
  if (start.startsWith('version https://git-lfs'))
    return {
      what: 'a Git LFS pointer, not the weights',
      fix: 'Run `git lfs pull` in the repository, or download the file from the Hub again.',
    };
  if (/^\s*<(?:!doctype|html)/i.test(start))
    return { what: 'a web page, not the weights', fix: 'Download the file again.' };
  if (start.startsWith('GGUF'))
    return {
      what: 'a GGUF file',
      fix: 'Give it a name that ends in .gguf, or use the safetensors version of the model.',
    };
  if (start.startsWith('\u0089HDF')) return { what: 'an HDF5 file', fix: 'Use the safetensors version of the model.' };
  return null;
}
