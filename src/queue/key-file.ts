import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, RidethroughError } from '../core/errors.ts';
import { secretBytes } from '../core/random.ts';

/** Name of the key's file in the data folder. */
export const keyFileName = 'queue.key';

const keyBytes = 32;

/**
 * The key that everything kept in the queue is sealed with, from `queue.key` in the data folder; made
 * there, for its owner alone, where there is none. It stands outside the database, so that a copy of
 * the database alone tells nothing; of two processes that make it at once, both get the same.
 * @returns 32 bytes
 * @throws RidethroughError `unreadable_file`
 */
export function loadKey(folder: string): Uint8Array {
  const path = join(folder, keyFileName);
  try {
    return readKey(path) ?? makeKey(path);
  } catch (error) {
    if (error instanceof RidethroughError) throw error;
    const code = codeOf(error) ?? 'unknown error';
    throw unusable(path, `cannot be read or made (${code}): check the permissions of its folder.`, error);
  }
}

function readKey(path: string): Uint8Array | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === keyBytes) return key;
  throw unusable(path, 'holds no key: put the right file back; without it what is queued cannot be read.');
}

/** Written whole under another name first: whoever sees the file sees all of it, also after a power cut. */
function makeKey(path: string): Uint8Array {
  const draft = `${path}.${Buffer.from(secretBytes(6)).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${Buffer.from(secretBytes(keyBytes)).toString('base64')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // Unlike a rename, a link does not take the place of a key that another process has just made.
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolder(dirname(path));
  return readKey(path) as Uint8Array;
}

function syncFolder(folder: string): void {
  // Windows has no handle of a folder to be synchronised.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function unusable(path: string, what: string, cause?: unknown): RidethroughError {
  return new RidethroughError('unreadable_file', `The key file ${path} ${what}`, { cause });
}
