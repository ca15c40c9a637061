import { commitBytesMax, commitWritesMax, writeBytesWaitingMax, writesWaitingMax } from './bounds.ts';
import { type Outcome, rowsOf } from './sqlite-outcome.ts';
import { type Row, type Statement, StoreError } from './store.ts';

/** Commits writes together: one outcome for each. Never rejects. */
export type Commit = (writes: readonly (readonly Statement[])[]) => Promise<readonly Outcome[]>;

interface Waiting {
  readonly statements: readonly Statement[];
  readonly bytes: number;
  readonly resolve: (rows: readonly (readonly Row[])[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit. While one commit is on its way to the disk, the writes that arrive wait together for
 * the next: so the dear part, the fsync, is paid once for all of them, and a lone write still goes at
 * once. In order of arrival; bounded in number and in bytes.
 */
export class WriteLine {
  readonly #commit: Commit;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #running: Promise<void> | null = null;

  constructor(commit: Commit) {
    this.#commit = commit;
  }

  /** Resolves after the commit. @throws StoreError `busy` when the line is full, else what the write met */
  write(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    const bytes = bytesOf(statements);
    const full = this.#waiting.length >= writesWaitingMax || this.#bytes + bytes > writeBytesWaitingMax;
    if (full && this.#waiting.length > 0) {
      return Promise.reject(new StoreError('busy', 'Too many writes wait for the disk: slow down, or try again.'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statements, bytes, resolve, reject });
      this.#bytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // What is written in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      const outcomes = await this.#commit(group.map(({ statements }) => statements));
      for (const [index, write] of group.entries()) settle(write, outcomes[index]);
    }
    this.#running = null;
  }

  #takeGroup(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const write of this.#waiting) {
      if (count === commitWritesMax || (count > 0 && bytes + write.bytes > commitBytesMax)) break;
      count++;
      bytes += write.bytes;
    }
    this.#bytes -= bytes;
    return this.#waiting.splice(0, count);
  }
}

function settle({ resolve, reject }: Waiting, outcome: Outcome | undefined): void {
  try {
    resolve(rowsOf(outcome));
  } catch (error) {
    reject(error);
  }
}

/** About what the values take in memory; the texts of the statements are shared. */
function bytesOf(statements: readonly Statement[]): number {
  let bytes = 0;
  for (const { values, rows } of statements) {
    if (rows !== undefined) bytes += rows.numbers.byteLength + rows.texts.length;
    for (const value of values) {
      bytes += value instanceof Uint8Array ? value.byteLength : typeof value === 'string' ? 2 * value.length : 8;
    }
  }
  return bytes;
}
