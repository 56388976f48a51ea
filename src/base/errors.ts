/** Typed errors that say what happened, where, and how to mend it; they cross the worker boundary as plain data. */

/** Stable names for what can go wrong; the page and the tests match on these, never on messages. */
export type ErrorCode =
  | 'cancelled'
  | 'bad-data'
  | 'bad-encoding'
  | 'bad-model'
  | 'bad-tokenizer'
  | 'bad-config'
  | 'bad-project'
  | 'unsupported'
  | 'missing-file'
  | 'network'
  | 'not-found'
  | 'storage'
  | 'out-of-memory'
  | 'device'
  | 'numbers'
  | 'verification'
  | 'internal';

/**
 * Where the trouble is: any part that is known. Rows are counted from 1 as in a spreadsheet's data rows; offsets in
 * bytes.
 */
export interface ErrorPlace {
  file?: string;
  row?: number;
  line?: number;
  column?: string;
  offset?: number;
  tensor?: string;
}

/** The form in which an error travels between threads. */
export interface PlainError {
  code: ErrorCode;
  message: string;
  place?: ErrorPlace;
  fix?: string;
}

/** An error a person can act on: `message` says what happened, `place` where, `fix` what to do next. */
export class TabtuneError extends Error {
  readonly code: ErrorCode;
  readonly place: ErrorPlace | undefined;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, details: { place?: ErrorPlace; fix?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.name = 'TabtuneError';
    this.code = code;
    this.place = details.place;
    this.fix = details.fix;
  }

  toPlain(): PlainError {
    return {
      code: this.code,
      message: this.message,
      ...(this.place ? { place: this.place } : {}),
      ...(this.fix ? { fix: this.fix } : {}),
    };
  }

  static fromPlain(plain: PlainError): TabtuneError {
    return new TabtuneError(plain.code, plain.message, {
      ...(plain.place ? { place: plain.place } : {}),
      ...(plain.fix ? { fix: plain.fix } : {}),
    });
  }
}

/** Any thrown value as a plain error: ours as they are, an abort as `cancelled`, everything else as `internal`. */
export function toPlainError(thrown: unknown): PlainError {
  if (thrown instanceof TabtuneError) return thrown.toPlain();
  if (thrown instanceof Error && thrown.name === 'AbortError') return { code: 'cancelled', message: 'Cancelled.' };
  return { code: 'internal', message: thrown instanceof Error ? thrown.message : String(thrown) };
}

/** Throws `cancelled` when the signal has been aborted; call it between pieces of long work. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new TabtuneError('cancelled', 'Cancelled.');
}
