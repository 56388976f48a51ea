/** recipe.json of a run that writes: everything that is needed to repeat it. */
import { must } from '../../../../base/assert';
import type { SplitConfig } from '../../../../domain/dataset';
import type { WritingConfig } from '../../../../domain/language-config';
import type { SplitName } from '../../../../domain/task';
import { jsonBytes } from '../../../../formats/json-file';
import { templateText } from '../../../../text/chat-format';
import type { OutFile } from '../../../../worker/run/export';
import { OPTIMIZER, RECIPE_FORMAT, VERSIONS, publicBaseModel } from '../../../../worker/run/recipe';
import type { WritingMapping } from '../../shared/columns';
import type { WritingKind } from '../kind';
import type { WritingRun } from '../run';

export interface RecipeParts {
  kind: Pick<WritingKind, 'task' | 'taught' | 'ownSettings'>;
  name: string;
  createdAt: string;
  config: WritingConfig;
  data: {
    name: string;
    sha256: string;
    mapping: WritingMapping;
    split: SplitConfig;
    splitRows: Record<SplitName, number>;
  };
  /** `baseModel` is the id under which others find it on the Hub, or null. */
  model: { name: string; architecture: string; parameters: number; licence: string | null; baseModel: string | null };
  /** The template's source and the ids at which a turn or a text ends. */
  chat: { template: string; eosId: number | null; stopIds: readonly number[] };
  device: { backend: string; name: string };
  versions: Readonly<Record<string, string>>;
}

export function recipeOf({ kind, record, renderer, chat }: WritingRun): RecipeParts {
  const { name, createdAt, config, mapping, split, splitRows, model } = record;
  return {
    kind,
    name,
    createdAt,
    config,
    data: { name: record.datasetName, sha256: record.datasetSha256, mapping, split, splitRows },
    model: {
      name: model.name,
      architecture: model.architecture,
      parameters: model.parameters,
      licence: model.licence,
      baseModel: publicBaseModel(record),
    },
    chat: {
      template: must(templateText(chat, config.template), 'template'),
      eosId: renderer.format.eosId,
      stopIds: [...renderer.format.stopIds],
    },
    device: { backend: record.backend, name: record.device },
    versions: VERSIONS,
  };
}

/** Every setting, seed, the data's SHA-256 and the versions, as plain JSON. */
export const recipeFile = ({
  kind,
  name,
  createdAt,
  config,
  data,
  model,
  chat,
  device,
  versions,
}: RecipeParts): OutFile => ({
  path: 'recipe.json',
  bytes: jsonBytes({
    format: RECIPE_FORMAT,
    run: { name, createdAt },
    task: kind.task,
    data,
    model,
    chat,
    training: config,
    optimizer: OPTIMIZER,
    device,
    versions,
  }),
});
