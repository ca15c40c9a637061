import { parentPort, workerData } from 'node:worker_threads';
import { SqliteConnection } from './sqlite-connection.ts';
import { type StoreFailure, sqliteFailure } from './sqlite-failure.ts';
import type { Outcome } from './sqlite-outcome.ts';
import type { Statement } from './store.ts';

/** What the thread of a database is asked for. Answers come in the order of the questions. */
export type Question =
  | { readonly kind: 'open' }
  | { readonly kind: 'commit'; readonly writes: readonly (readonly Statement[])[] }
  | { readonly kind: 'read'; readonly statement: Statement }
  | { readonly kind: 'backup'; readonly path: string }
  | { readonly kind: 'close' };

/** One outcome for each write of a commit; one for anything else. */
export type Answer = readonly Outcome[];

const { path } = workerData as { readonly path: string };
let connection: SqliteConnection | null = null;

async function answer(question: Question): Promise<Answer> {
  if (question.kind === 'close') {
    connection?.close();
    parentPort?.close();
    return [];
  }
  connection ??= new SqliteConnection(path, null);
  if (question.kind === 'commit') return connection.commit(question.writes);
  if (question.kind === 'read') return [connection.read(question.statement)];
  if (question.kind === 'backup') return [await connection.backup(question.path)];
  return [];
}

/** A connection that met a broken file or disk is left, so that the next question tries anew. */
function leaveBroken(outcomes: Answer): void {
  const broken = outcomes.some((outcome) => 'failure' in outcome && isBroken(outcome.failure));
  if (!broken) return;
  try {
    connection?.close();
  } finally {
    connection = null;
  }
}

function isBroken({ code }: StoreFailure): boolean {
  return code === 'gone' || code === 'unsure';
}

// One after another: a backup takes its time, and the answers have no numbers.
let previous: Promise<void> = Promise.resolve();
parentPort?.on('message', (question: Question) => {
  previous = previous.then(async () => {
    let outcomes: Answer;
    try {
      outcomes = await answer(question);
    } catch (error) {
      const failure = sqliteFailure(error);
      outcomes = question.kind === 'commit' ? question.writes.map(() => ({ failure })) : [{ failure }];
    }
    leaveBroken(outcomes);
    parentPort?.postMessage(outcomes);
  });
});
