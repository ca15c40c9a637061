import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { RidethroughError } from '../../core/errors.ts';
import type { CallFilter } from '../../ledger/filter.ts';
import { eachStory } from '../../ledger/query.ts';
import type { Writer } from '../../ledger/write-out.ts';
import type { Store } from '../../store/store.ts';

/** Writes every call that is wanted, as fast as it is read. @returns how many there were */
export async function writeStories(store: Store, filter: CallFilter, writer: Writer, out: Writable): Promise<number> {
  let calls = 0;
  out.write(writer.head);
  for await (const story of eachStory(store, filter)) {
    calls++;
    if (!out.write(writer.lines(story))) await once(out, 'drain');
  }
  return calls;
}

/**
 * Runs `work` with a new file of this name, for its owner alone, or with standard output.
 * @throws RidethroughError `invalid_usage` where the file exists or cannot be made
 */
export async function withOutput<T>(path: string | undefined, work: (out: Writable) => Promise<T>): Promise<T> {
  if (path === undefined) return work(process.stdout);
  const out = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const open = once(out, 'open').catch((error: NodeJS.ErrnoException) => {
    const remedy = error.code === 'EEXIST' ? 'name one that is not there yet' : 'name another place';
    throw new RidethroughError('invalid_usage', `The file ${path} cannot be made (${error.code}): ${remedy}.`);
  });
  await open;
  const result = await work(out);
  out.end();
  await finished(out);
  return result;
}
