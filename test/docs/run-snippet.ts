import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../e2e/cli-process.ts';
import type { Snippet } from './snippets.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const root = path('../../');
/** Inside of the checkout, so that a snippet's imports are found as a user's would be; one for each process. */
const folder = path(`../.tmp-docs/${process.pid}/`);
const loopbackOnly = new URL('./loopback-only.mjs', import.meta.url).href;

/** No snippet of a page takes as long; one that hangs is ended. */
const snippetMsMax = 60_000;

/** How a snippet ended. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Makes the folder of snippets, with a `ridethrough`, an `npx` and an `npm` that run the source. */
export function openWorkshop(): void {
  mkdirSync(`${folder}bin`, { recursive: true });
  const scripts = {
    ridethrough: `exec "${process.execPath}" "${root}src/cli/main.ts" "$@"`,
    npx: 'exec "$@"',
    npm: '[ "$1 $2 $3 $4" = "run -s cli --" ] || exit 64; shift 4; exec ridethrough "$@"',
  };
  for (const [name, line] of Object.entries(scripts)) {
    writeFileSync(`${folder}bin/${name}`, `#!/bin/sh\n${line}\n`);
    chmodSync(`${folder}bin/${name}`, 0o755);
  }
}

export function closeWorkshop(): void {
  rmSync(folder, { recursive: true, force: true });
}

let python: string | null | undefined;

/** The Python that has the `anthropic` package; null where there is none. Looked for once: it takes seconds. */
export function findPython(): string | null {
  if (python !== undefined) return python;
  const program = 'import sys, anthropic; print(sys.executable)';
  const { status, stdout } = spawnSync('python3', ['-c', program], { encoding: 'utf8' });
  python = status === 0 ? stdout.trim() : null;
  return python;
}

/** Runs a snippet as the command its language asks for; `env` goes over a bare environment. */
export async function runSnippet(snippet: Snippet, name: string, env: Record<string, string>): Promise<Ended> {
  const file = `${folder}${name}.${{ python: 'py', bash: 'sh', ts: 'ts' }[snippet.language] ?? 'mjs'}`;
  writeFileSync(file, snippet.code);
  const [program = '', ...words] = commandFor(snippet.language, file);
  const places = [`${folder}bin`, dirname(process.execPath), process.env.PATH];
  const child = spawn(program, words, {
    cwd: root,
    // Not the user's own configuration, which must not decide a test.
    env: {
      HOME: process.env.HOME,
      ...compileCache,
      XDG_CONFIG_HOME: folder,
      XDG_DATA_HOME: folder,
      ...env,
      PATH: places.join(delimiter),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: snippetMsMax,
  });
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status, output: `${out}${err}` };
}

function commandFor(language: string, file: string): string[] {
  if (language === 'python') return [findPython() ?? 'python3', file];
  if (language === 'bash') return ['bash', '-eu', '-o', 'pipefail', file];
  return [process.execPath, '--conditions=ridethrough-source', '--import', loopbackOnly, file];
}
