import { closeSync, fchmodSync, fstatSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { codeOf } from '../core/errors.ts';
import { readsWaitingMax } from './bounds.ts';
import { Hints } from './hints.ts';
import { type Outcome, rowsOf } from './sqlite-outcome.ts';
import { SqliteThread, startWorker } from './sqlite-thread.ts';
import type { Question } from './sqlite-worker.ts';
import { type Row, type Statement, type Store, StoreError } from './store.ts';
import { WriteLine } from './write-line.ts';

/**
 * Opens the SQLite database at `path`, whose folder exists; the file is made where it is missing,
 * for its owner's eyes only. SQLite gives the files beside it (`-wal`, `-shm`) the same mode.
 * @param start starts the thread of a connection
 * @throws StoreError where the file is no database or cannot be used
 */
export async function openSqlite(path: string, start: (path: string) => Worker = startWorker): Promise<Store> {
  createPrivate(path, 'a');
  const store = new SqliteStore(path, () => start(path));
  await store.open();
  return store;
}

/**
 * Two threads: one writes, and commits what has gathered meanwhile at once; the other reads, from a
 * connection that write-ahead logging keeps free of the writer, so no read waits for an fsync.
 */
class SqliteStore implements Store {
  readonly kind = 'sqlite';
  readonly #path: string;
  readonly #start: () => Worker;
  readonly #writer: SqliteThread;
  readonly #reader: SqliteThread;
  readonly #line: WriteLine;
  readonly #hints = new Hints();
  #closing: Promise<void> | null = null;

  constructor(path: string, start: () => Worker) {
    this.#path = path;
    this.#start = start;
    this.#writer = new SqliteThread(start);
    this.#reader = new SqliteThread(start);
    this.#line = new WriteLine(async (writes) => {
      const outcomes = await this.#writer.ask({ kind: 'commit', writes });
      return outcomes === 'died' ? writes.map(() => died('unsure')) : outcomes;
    });
  }

  async open(): Promise<void> {
    const [outcome] = await ask(this.#writer, { kind: 'open' });
    try {
      rowsOf(outcome);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async write(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    this.#refuseClosed();
    return this.#line.write(statements);
  }

  async read(statement: Statement): Promise<readonly Row[]> {
    this.#refuseClosed();
    if (this.#reader.asked >= readsWaitingMax) throw new StoreError('busy', 'Too many reads wait: try again.');
    const [outcome] = await ask(this.#reader, { kind: 'read', statement });
    return rowsOf(outcome)[0] ?? [];
  }

  hint(topic: string): void {
    this.#hints.tell(topic);
  }

  onHint(topic: string, listener: () => void): () => void {
    return this.#hints.add(topic, listener);
  }

  async backup(path: string): Promise<void> {
    this.#refuseClosed();
    createPrivate(path, 'ax');
    // A thread of its own: others go on reading meanwhile.
    const thread = new SqliteThread(this.#start);
    try {
      const [outcome] = await ask(thread, { kind: 'backup', path });
      rowsOf(outcome);
      sync(path);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      await thread.close();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The writer goes last: whoever closes the file last folds the log into it. */
  async #close(): Promise<void> {
    this.#hints.clear();
    await this.#line.drained();
    await this.#reader.close();
    await this.#writer.close();
  }

  #refuseClosed(): void {
    if (this.#closing !== null) throw new StoreError('gone', `The store of ${this.#path} has been closed.`);
  }
}

async function ask(thread: SqliteThread, question: Question): Promise<readonly Outcome[]> {
  const outcomes = await thread.ask(question);
  return outcomes === 'died' ? [died('gone')] : outcomes;
}

function died(code: 'gone' | 'unsure'): Outcome {
  return { failure: { code, message: 'The thread of the database ended unexpectedly: another is started.' } };
}

/** Makes an empty file that only its owner may read, and the folder's entry of it durable. */
function createPrivate(path: string, flag: 'a' | 'ax'): void {
  try {
    const handle = openSync(path, flag, 0o600);
    // One that was copied here may be open to others.
    if ((fstatSync(handle).mode & 0o077) !== 0) fchmodSync(handle, 0o600);
    closeSync(handle);
    sync(dirname(path));
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error';
    const remedy = code === 'EEXIST' ? 'name a new one' : 'check its folder and permissions';
    throw new StoreError('refused', `The file ${path} cannot be made (${code}): ${remedy}.`, { cause: error });
  }
}

/** Waits until a file, or a folder's list of names, is on the disk. */
function sync(path: string): void {
  // Windows opens no folder, and needs no such step.
  if (process.platform === 'win32') return;
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
