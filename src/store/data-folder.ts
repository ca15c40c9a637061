import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, win32 } from 'node:path';
import { codeOf, RidethroughError } from '../core/errors.ts';

/**
 * Where this user's data stands: `%LOCALAPPDATA%\ridethrough` on Windows, `~/Library/Application
 * Support/ridethrough` on macOS, else `$XDG_DATA_HOME/ridethrough`, by default under `~/.local/share`.
 * A relative path in a variable is ignored: it would put the data into whatever folder is current.
 * @see XDG Base Directory Specification: "All paths set in these environment variables must be absolute"
 */
export function defaultDataFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = env.HOME || homedir();
  const { LOCALAPPDATA = '', XDG_DATA_HOME = '' } = env;
  if (platform === 'win32') {
    return join((win32.isAbsolute(LOCALAPPDATA) && LOCALAPPDATA) || join(home, 'AppData', 'Local'), 'ridethrough');
  }
  if (isAbsolute(XDG_DATA_HOME)) return join(XDG_DATA_HOME, 'ridethrough');
  const folder = platform === 'darwin' ? join('Library', 'Application Support') : join('.local', 'share');
  return join(home, folder, 'ridethrough');
}

/**
 * Makes the folder where it is missing, for its owner alone. One that is there keeps its mode: it
 * may hold other things, and the files in it protect themselves.
 * @throws RidethroughError `unusable_store`
 */
export function makeDataFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error';
    const remedy = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in the way' : 'check its permissions';
    throw new RidethroughError(
      'unusable_store',
      `The data folder ${path} cannot be made (${code}): ${remedy}, or name another with --data.`,
      { cause: error },
    );
  }
}

/**
 * Node's own way to make parents too never returns where a file system refuses new folders as not found (/proc).
 * @throws the system's error
 */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}
