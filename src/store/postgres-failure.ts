import { codeOf } from '../core/errors.ts';
import { StoreError } from './store.ts';

/** How far a call had come when its error appeared. */
export type Stage =
  /** No statement had left. */
  | 'connecting'
  | 'reading'
  /** The commit was under way. */
  | 'writing';

/** `40001` serialization failure, `40P01` deadlock: the server has undone one of two so that the other goes on. */
export function isCalledOff(error: unknown): boolean {
  const state = stateOf(error);
  return state === '40001' || state === '40P01';
}

/** The server has said no to a statement, and the connection is as good as before. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === 'refused';
  const state = stateOf(error);
  return state !== null && !isLoss(state);
}

/** The server, or the way to it, goes away. */
function isLoss(state: string): boolean {
  return state.startsWith('08') || state.startsWith('57P');
}

/**
 * What an error of `pg` means. The server's own words stay out, because they quote values and the
 * client's address; its code, and the name of a constraint, tell enough.
 */
export function postgresFailure(error: unknown, stage: Stage): StoreError {
  if (error instanceof StoreError) return error;
  const state = stateOf(error);
  if (state === null || isLoss(state)) return lost(error, stage);
  if (state === '53100') {
    return new StoreError('full', `The server's disk is full (${state}): make room, and the store goes on by itself.`);
  }
  if (state === '28P01' || state === '28000') {
    return new StoreError('gone', `The server refuses the user or the password (${state}): check the database URL.`);
  }
  if (state === '3D000') {
    return new StoreError('gone', `The server has no database of that name (${state}): create it, or name another.`);
  }
  if (state === '25006') {
    return new StoreError('gone', `The server only reads (${state}): name the primary in the database URL.`);
  }
  if (state === '42501') {
    return new StoreError('refused', `The user may not do this (${state}): make it the owner of the database.`);
  }
  if (isCalledOff(error) || /^(?:53|55P03|57014)/.test(state)) {
    return new StoreError('busy', `The server is too busy (${state}): try again.`);
  }
  return new StoreError('refused', `The server refused a statement (${describe(error, state)}).`);
}

function lost(error: unknown, stage: Stage): StoreError {
  const reason = reasonOf(error);
  if (stage === 'writing') {
    return new StoreError('unsure', `The connection broke while committing (${reason}): it may have happened.`);
  }
  return new StoreError(
    'gone',
    `The server is not to be reached (${reason}): check that it runs, and its address in the database URL.`,
  );
}

/** Five characters, as the server gives them; null for an error of the connection. */
function stateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

function reasonOf(error: unknown): string {
  // Texts of `pg` itself: "Query read timeout", "Connection terminated unexpectedly".
  return codeOf(error) ?? (error instanceof Error ? error.message : 'unknown error');
}

function describe(error: unknown, state: string): string {
  if (!(error instanceof Error)) return state;
  // Class 42 is wrong SQL: it names tables and columns, and its reader is a developer.
  if (state.startsWith('42')) return `${state}, ${error.message}`;
  const constraint = 'constraint' in error ? error.constraint : undefined;
  return typeof constraint === 'string' ? `${state}, ${constraint}` : state;
}
