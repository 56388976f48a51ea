/** What an export is: a card, files, and where they hold weights the proof that they hold the same model. Types. */
import type { Method } from '../../domain/training-config';
import type { ExportOffer } from '../link/protocol';
import type { Call } from '../session';

export interface OutFile {
  path: string;
  bytes: Uint8Array;
}

/** What is handed out: a file as it is, or a zip of several. */
export interface OneFile {
  name: string;
  blob: Blob;
}

/** Figures of each replayed row by one model, a list a row (or a sequence of it). */
export type Figures = readonly ArrayLike<number>[];

/** An export as it reads when it is opened again; its model is not built yet. */
export interface Reread {
  /** In what it reads the rows otherwise than the run does, or null. */
  misread: string | null;
  /** Builds the model. Call inside a turn of the engine, and dispose what comes out there. */
  build: () => Promise<Rebuilt>;
}

export interface Rebuilt {
  /** Takes its own turns of the engine. */
  figures(call: Call): Promise<Figures>;
  dispose(): void;
}

/** How all exports of a run are proved. */
export interface Replaying {
  /** What the figures are, after "largest difference of". */
  figure: string;
  /** The run's own figures of the replayed rows. Takes its own turns of the engine. */
  expected: (call: Call) => Promise<Figures>;
  /** The sentence that refuses files. */
  refusal: (largestDifference: number) => string;
  misreading: (misread: string) => string;
}

/** One kind of file that a run can be taken away as; those of a lesson are listed in its worker/exports/index.ts. */
export interface Export<Run> {
  id: string;
  card: Omit<ExportOffer, 'id'>;
  /** Ways to fine-tune whose runs have it. */
  methods: readonly Method[];
  /** Which of these runs have it; without it, all. */
  when?: (run: Run) => boolean;
  /**
   * One file is handed out as it is, several as a zip. `name` is the run's, fit for a file. Takes its own turns of the
   * engine. Throws `bad-data` where rows are needed that are not open.
   */
  write: (run: Run, name: string, call: Call) => Promise<OutFile[]>;
  /** For files with weights. */
  proof?: {
    /** Opens the file as anybody's is opened; an adapter goes on the run's base. */
    reread: (run: Run, file: OneFile) => Promise<Reread>;
    /** Largest difference of a figure at which the files still count as the same model. */
    tolerance: (expected: Figures, run: Run) => number;
  };
}

/** An export of one run. */
export interface OfferedExport {
  offer: ExportOffer;
  write: (name: string, call: Call) => Promise<OutFile[]>;
  proof: { reread: (file: OneFile) => Promise<Reread>; tolerance: (expected: Figures) => number } | null;
}

/** What a run of this method offers of its lesson's exports. */
export function offered<Run>(exports: readonly Export<Run>[], run: Run, method: Method): OfferedExport[] {
  return exports
    .filter(({ methods, when }) => methods.includes(method) && (when?.(run) ?? true))
    .map(({ id, card, write, proof }) => ({
      offer: { id, ...card },
      write: (name, call) => write(run, name, call),
      proof: proof
        ? { reread: (file) => proof.reread(run, file), tolerance: (expected) => proof.tolerance(expected, run) }
        : null,
    }));
}
