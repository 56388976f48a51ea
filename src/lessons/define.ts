/** Makes a lesson that everybody can hold of one that knows its own types. */
import type { z } from 'zod/mini';
import { TabtuneError } from '../base/errors';
import { checkColumns } from '../data/columns';
import type { Mapping } from '../domain/dataset';
import type { TrainingConfig } from '../domain/training-config';
import type { AnyLesson, LessonShared } from './contract';

/** What a schema says is wrong with a value: "at “mapping.text”: Invalid input". */
function firstIssue(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  return `at “${issue?.path.join('.') ?? ''}”: ${issue?.message ?? 'unknown'}`;
}

/** The value as its schema reads it. Throws `bad-config`; `what` begins the sentence: "The columns". */
export function opened<T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new TabtuneError('bad-config', `${what} are not as they should be, ${firstIssue(read.error)}.`, {
    fix: 'Choose on the data page what should be learned.',
    cause: read.error,
  });
}

/** A lesson for everybody: what it is given is checked with its own schemas. */
export function defineLesson<M extends Mapping, S extends TrainingConfig, E, R>(
  id: string,
  parts: LessonShared<M, S, E, R>,
): AnyLesson {
  const { schemas, settings } = parts;
  const { name } = parts.words;
  const mapping = (value: unknown): M => opened(schemas.mapping, value, `The columns for “${name}”`);
  const config = (value: unknown): S => opened(settings.draft, value, `The settings for “${name}”`);
  return {
    ...parts,
    id,
    mapping,
    reading(value, table) {
      const own = mapping(value);
      const reading = parts.reading(own, table);
      checkColumns([...reading.columns, ...(own.split === null ? [] : [own.split])], table.columns);
      return reading;
    },
    defaults: (context) => parts.defaults({ ...context, mapping: mapping(context.mapping) }),
    settle: (value, defaults, model) => parts.settle(config(value), config(defaults), model),
    check: (value) => parts.check(config(value)),
    problemsOf(value) {
      const problems = settings.problems(value);
      const read = settings.draft.safeParse(value);
      if (read.success) return [...problems, ...parts.check(read.data)];
      return problems.length > 0 ? problems : [`These are no settings for “${name}”, ${firstIssue(read.error)}.`];
    },
    withChanges(context, changes) {
      const { config: defaults, reasons } = parts.defaults({ ...context, mapping: mapping(context.mapping) });
      return { config: parts.settle(settings.changed(defaults, changes), defaults, context.model), reasons, defaults };
    },
    foretell: (steps, value, of) => parts.foretell(steps, config(value), mapping(of)),
    aboutLoss: (of) => parts.aboutLoss?.(mapping(of)) ?? null,
    headline: (report, of, number) =>
      parts.headline(opened(schemas.report, report, `The results of “${name}”`), mapping(of), number),
    reportFits: (report, of) => {
      const read = schemas.report.safeParse(report);
      return read.success && parts.reportFits(read.data, mapping(of));
    },
  };
}
