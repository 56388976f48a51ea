/** Tells the files of a model from data by their names. */

const MODEL_FILE =
  /(^|\/)(config\.json|tokenizer\.json|tokenizer_config\.json|vocab\.txt|adapter_config\.json)$|\.(safetensors|zip|bin|pt|pth|ckpt|gguf|onnx)$/i;

/** Whether these files are a model: a folder or archive in Hugging Face layout, or any weight file. */
export function looksLikeModel(paths: readonly string[]): boolean {
  return paths.some((path) => MODEL_FILE.test(path));
}
