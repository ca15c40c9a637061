import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Answer, Question } from './sqlite-worker.ts';
import type { SqlValue, Statement } from './store.ts';

/** Starts the thread of one connection to the file at `path`. From source it is TypeScript, installed it is JavaScript. */
export function startWorker(path: string): Worker {
  const script = new URL(`./sqlite-worker${extname(import.meta.url)}`, import.meta.url);
  return new Worker(script, { workerData: { path } });
}

/**
 * A connection in a thread of its own, so that a slow disk keeps nobody else waiting. A thread that
 * dies takes its questions along, and the next question starts another.
 */
export class SqliteThread {
  readonly #start: () => Worker;
  #worker: Worker | null = null;
  #asked: PromiseWithResolvers<Answer | 'died'>[] = [];

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** Questions without an answer yet. */
  get asked(): number {
    return this.#asked.length;
  }

  /** Resolves to `died` where the thread ended before it answered, or there was none: what was asked may have been done. */
  ask(question: Question): Promise<Answer | 'died'> {
    const promise = Promise.withResolvers<Answer | 'died'>();
    try {
      const worker = this.#worker ?? this.#begin();
      const { packed, bytes } = pack(question);
      worker.postMessage(packed, bytes.length === 0 ? [] : [bytes.buffer]);
      this.#asked.push(promise);
    } catch {
      // A machine with no thread or memory left: whoever asks later may have more luck.
      promise.resolve('died');
    }
    return promise.promise;
  }

  /** Ends the thread after what it was asked. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await this.ask({ kind: 'close' });
    await ended;
  }

  #begin(): Worker {
    const worker = this.#start();
    this.#worker = worker;
    worker.on('message', (answer: Answer) => this.#asked.shift()?.resolve(answer));
    // An error of the thread is followed by its exit, and that is where it counts.
    worker.on('error', () => {});
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      const lost = this.#asked;
      this.#asked = [];
      for (const { resolve } of lost) resolve('died');
    });
    return worker;
  }
}

/**
 * Copies all values of bytes into one buffer, which is handed over to the other thread. Left to Node, they would be
 * copied twice, and a view into a larger buffer would take all of that buffer along.
 */
function pack(question: Question): { packed: Question; bytes: Buffer<ArrayBuffer> } {
  const writes = question.kind === 'commit' ? question.writes : question.kind === 'read' ? [[question.statement]] : [];
  let length = 0;
  for (const statement of writes.flat()) for (const value of statement.values) length += lengthOf(value);
  const bytes = Buffer.allocUnsafeSlow(length);
  if (length === 0) return { packed: question, bytes };
  let end = 0;
  const move = (value: SqlValue) => {
    if (!(value instanceof Uint8Array)) return value;
    bytes.set(value, end);
    end += value.length;
    return bytes.subarray(end - value.length, end);
  };
  const moved = (statement: Statement) => ({ ...statement, values: statement.values.map(move) });
  if (question.kind === 'read') return { packed: { ...question, statement: moved(question.statement) }, bytes };
  if (question.kind === 'commit')
    return { packed: { ...question, writes: question.writes.map((all) => all.map(moved)) }, bytes };
  return { packed: question, bytes };
}

function lengthOf(value: SqlValue): number {
  return value instanceof Uint8Array ? value.length : 0;
}
