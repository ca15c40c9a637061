import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, win32 } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { codeOf, RidethroughError } from '../core/errors.ts';
import type { Config, Environment } from './config.ts';
import { explainIssues } from './explain.ts';
import { resolveConfig } from './resolve.ts';
import { fileSchema } from './schema.ts';

/** Where to look, and what the command line sets over the file. */
export interface LoadOptions {
  /** `--config`; null: the default place, where a missing file is a good configuration. */
  readonly path: string | null;
  /** `--upstream`, a URL or a configured name; null: what the file says. */
  readonly upstream: string | null;
  /** Where `upstream` was found, for errors; default `--upstream`. */
  readonly upstreamFrom?: '--upstream' | 'ANTHROPIC_BASE_URL';
  readonly env: Environment;
}

/**
 * The configuration file of this user: `%APPDATA%\ridethrough\ridethrough.yaml` on Windows, else
 * `$XDG_CONFIG_HOME/ridethrough/ridethrough.yaml`, by default under `~/.config`. Never the current
 * folder: a cloned repository could redirect keys; for the same reason a relative path in either
 * variable is ignored.
 * @see XDG Base Directory Specification: "All paths set in these environment variables must be absolute"
 */
export function defaultConfigPath(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const home = env.HOME || homedir();
  const { APPDATA = '', XDG_CONFIG_HOME = '' } = env;
  const folder =
    platform === 'win32'
      ? (win32.isAbsolute(APPDATA) && APPDATA) || join(home, 'AppData', 'Roaming')
      : (isAbsolute(XDG_CONFIG_HOME) && XDG_CONFIG_HOME) || join(home, '.config');
  return join(folder, 'ridethrough', 'ridethrough.yaml');
}

/**
 * Reads, checks and resolves the configuration.
 * @throws RidethroughError `unreadable_file` or `invalid_config`; `invalid_usage` for `upstream`
 */
export function loadConfig(options: LoadOptions): Config {
  const path = options.path ?? defaultConfigPath(options.env);
  const text = readText(path, options.path !== null);
  return parseConfig(text ?? '', text === null ? null : path, options);
}

/**
 * Checks and resolves the text of a file.
 * @param path names it in errors; null: there is no file
 * @throws RidethroughError `invalid_config`; `invalid_usage` for `upstream`
 */
export function parseConfig(text: string, path: string | null, options: Omit<LoadOptions, 'path'>): Config {
  try {
    const input = parseYaml(text);
    const parsed = fileSchema.safeParse(input);
    if (!parsed.success) throw invalid(explainIssues(parsed.error.issues, fileSchema, input));
    const { upstream, upstreamFrom = '--upstream', env } = options;
    const override = upstream === null ? null : { value: upstream, from: upstreamFrom };
    return resolveConfig(parsed.data, env, override);
  } catch (error) {
    // Wrong use of a flag is no matter of the file, nor is anything where there is none.
    if (!(error instanceof RidethroughError) || error.code === 'invalid_usage' || path === null) throw error;
    throw new RidethroughError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

function readText(path: string, required: boolean): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error';
    if (code === 'ENOENT' && !required) return null;
    throw new RidethroughError(
      'unreadable_file',
      `The configuration ${path} cannot be read (${code}): ${remedy(code)}.`,
      { cause: error },
    );
  }
}

function remedy(code: string): string {
  if (code === 'ENOENT') return 'name a file that exists';
  if (code === 'EISDIR') return 'name a file, not a folder';
  return 'make it readable for the user that runs this';
}

function parseYaml(text: string): unknown {
  const lineCounter = new LineCounter();
  // Pretty errors quote the line, which may hold a secret.
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  const keyAt = text.search(/sk-ant-[A-Za-z0-9_-]{8}/);
  if (keyAt >= 0) {
    throw invalid(
      `There is what looks like a key at ${place(keyAt)}: put it into an environment variable and name that by "key_env".`,
    );
  }
  const [problem] = document.errors;
  if (problem !== undefined)
    throw invalid(`This is not YAML at ${place(problem.pos[0])}: ${sentence(problem.message)}`);
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // Aliases that multiply, or lead nowhere.
    throw invalid(`This YAML cannot be read: ${sentence(error instanceof Error ? error.message : String(error))}`);
  }
}

function sentence(message: string): string {
  return `${message.replace(/\s+/g, ' ').replace(/[.\s]+$/, '')}.`;
}

function invalid(message: string): RidethroughError {
  return new RidethroughError('invalid_config', message);
}
