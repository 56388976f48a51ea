/** Every target, in the order in which they are run. */
import type { FuzzTarget } from './target';
import { conversations, languageMappings } from './targets/conversations';
import { delimited } from './targets/delimited';
import { encodings } from './targets/encodings';
import { decoderConfigs, ggufAdapters, ggufFiles } from './targets/gguf';
import { jsonDocuments, jsonNumbers, spoiltDocuments } from './targets/json-documents';
import { jsonArrays, jsonLines } from './targets/json-rows';
import { generationConfig, hubAnswers, modelCards, modelConfig, modelFolders, peftConfig } from './targets/model-files';
import { keptDatasets, keptModels, keptSettings } from './targets/kept';
import { labelledFiles, spoiltLabelledFiles } from './targets/labelled-files';
import { plainText } from './targets/plain-text';
import { projects } from './targets/project';
import { safetensors } from './targets/safetensors';
import { gzipFiles, pastedTables, severalFiles, tarArchives } from './targets/several-files';
import { tableFiles } from './targets/table-files';
import { chatTemplates, templateSources } from './targets/templates';
import { patterns, tokenizerJson, vocabularyFiles } from './targets/tokenizers';
import { zip } from './targets/zip';

export const TARGETS: readonly FuzzTarget[] = [
  encodings,
  delimited,
  jsonArrays,
  jsonLines,
  jsonDocuments,
  spoiltDocuments,
  jsonNumbers,
  labelledFiles,
  spoiltLabelledFiles,
  plainText,
  tableFiles,
  severalFiles,
  gzipFiles,
  tarArchives,
  pastedTables,
  conversations,
  languageMappings,
  zip,
  safetensors,
  ggufFiles,
  ggufAdapters,
  modelConfig,
  decoderConfigs,
  generationConfig,
  peftConfig,
  modelFolders,
  modelCards,
  hubAnswers,
  tokenizerJson,
  vocabularyFiles,
  patterns,
  chatTemplates,
  templateSources,
  keptSettings,
  keptDatasets,
  keptModels,
  projects,
];
