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
      worker.postMessage(compact(question));
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
 * A view into a larger buffer takes all of that buffer along to another thread, and Node cuts its
 * small buffers from shared pages: such values are copied first.
 */
function compact(question: Question): Question {
  if (question.kind === 'read') return { ...question, statement: compactStatement(question.statement) };
  if (question.kind === 'commit')
    return { ...question, writes: question.writes.map((all) => all.map(compactStatement)) };
  return question;
}

function compactStatement(statement: Statement): Statement {
  if (!statement.values.some(isView)) return statement;
  return { ...statement, values: statement.values.map((value) => (isView(value) ? new Uint8Array(value) : value)) };
}

function isView(value: SqlValue): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength < value.buffer.byteLength;
}
