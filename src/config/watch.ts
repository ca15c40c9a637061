import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../core/clock.ts';
import { RidethroughError } from '../core/errors.ts';
import type { Config } from './config.ts';

/** Editors write in several steps; the file is read this long after the last of them. */
const settleMs = 100;

export interface WatchOptions {
  /** The file to watch. It need not exist; its folder is watched if that exists. */
  readonly path: string;
  readonly clock: Clock;
  /** Reads the configuration anew; throws `RidethroughError` when it is invalid. */
  readonly load: () => Config;
  /** Takes a valid configuration over. */
  readonly onConfig: (config: Config) => void;
  /** The new configuration was refused as a whole: the old one stays in force. */
  readonly onError: (error: RidethroughError) => void;
}

/**
 * Reloads on SIGHUP and when the file's content changes.
 * @returns a function that stops watching
 */
export function watchConfig(options: WatchOptions): () => void {
  let timer: Timer | null = null;
  let seen = contentOf(options.path);

  const reload = () => {
    seen = contentOf(options.path);
    try {
      options.onConfig(options.load());
    } catch (error) {
      options.onError(error instanceof RidethroughError ? error : unforeseen(error));
    }
  };
  // The folder is watched, not the file: editors replace the file, and mounted configuration is a
  // link to a link that changes. So an event may concern another file: the content decides.
  const onEvent = () => {
    if (timer !== null) options.clock.cancel(timer);
    timer = options.clock.after(settleMs, () => {
      timer = null;
      if (contentOf(options.path) !== seen) reload();
    });
  };

  const folder = watchFolder(options.path, onEvent);
  process.on('SIGHUP', reload);
  return () => {
    process.off('SIGHUP', reload);
    folder?.close();
    if (timer !== null) options.clock.cancel(timer);
  };
}

/** Called by a signal or a timer, where nobody else would catch it: a bad file must not end a gateway that runs. */
function unforeseen(cause: unknown): RidethroughError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RidethroughError('invalid_config', `The configuration could not be taken over: ${reason}.`, { cause });
}

function watchFolder(path: string, onEvent: () => void) {
  try {
    const watcher = watch(dirname(path), { persistent: false }, onEvent);
    // The folder was removed, or is on a file system that cannot be watched: SIGHUP remains.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
