import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** A user without any settings: what the machine's own user has set must not decide a test. */
export const emptyHome = mkdtempSync(join(tmpdir(), 'ridethrough-home-'));

/** What a command has said and how it ended. */
export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Settings {
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed; without it standard input is empty. */
  readonly input?: string;
  /** True: it has a process group of its own, as a command has that was typed into a terminal. */
  readonly detached?: boolean;
}

/** What lets a process find the code that others have compiled, for an environment that is bare otherwise. */
export const compileCache: Readonly<Record<string, string>> =
  process.env.NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };

/** Starts `ridethrough WORDS` from source, for what the other two do not offer. */
export function startCliProcess(words: readonly string[], settings: Settings = {}): ChildProcess {
  const env = {
    PATH: process.env.PATH,
    ...compileCache,
    HOME: emptyHome,
    XDG_CONFIG_HOME: emptyHome,
    XDG_DATA_HOME: emptyHome,
    ...settings.env,
  };
  const stdin = settings.input === undefined ? 'ignore' : 'pipe';
  const child = spawn(process.execPath, [main, ...words], {
    ...{ env, stdio: [stdin, 'pipe', 'pipe'] },
    detached: settings.detached ?? false,
  });
  child.stdin?.end(settings.input);
  return child;
}

interface Outputs {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

function outputsOf({ stdout, stderr }: ChildProcess): Outputs {
  if (stdout === null || stderr === null) throw new Error('the outputs are pipes');
  return { stdout, stderr };
}

async function finish(child: ChildProcess): Promise<Finished> {
  const said = { stdout: '', stderr: '' };
  const outputs = outputsOf(child);
  for (const name of ['stdout', 'stderr'] as const) {
    // By listening, not by reading: others follow the lines of the same pipe.
    outputs[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  }
  const [status, signal] = await once(child, 'close');
  return { status, signal, ...said };
}

/** Runs `ridethrough WORDS` from source to its end. */
export function runCli(words: readonly string[], settings: Settings = {}): Promise<Finished> {
  return finish(startCliProcess(words, settings));
}

/** A command that runs on. */
export interface Started {
  /** The first line it has printed. */
  readonly line: string;
  /** The first http address in that line. */
  readonly url: string;
  kill(signal: NodeJS.Signals): void;
  /** The lines of standard error, as they come. */
  readonly notes: AsyncIterator<string>;
  /** Resolves when it has ended. */
  readonly finished: Promise<Finished>;
}

/** Starts `ridethrough WORDS` and waits for its first line. */
export async function startCli(words: readonly string[], settings: Settings = {}): Promise<Started> {
  const child = startCliProcess(words, settings);
  const finished = finish(child);
  const { stdout, stderr } = outputsOf(child);
  const lines = createInterface({ input: stdout });
  const notes = createInterface({ input: stderr })[Symbol.asyncIterator]();
  const first = await Promise.race([once(lines, 'line'), finished]);
  if (!Array.isArray(first)) throw new Error(`it ended with status ${first.status}: ${first.stderr}`);
  const line = String(first[0]);
  const url = /http:\/\/[^\s/]+/.exec(line)?.[0] ?? '';
  return { line, url, kill: (signal) => child.kill(signal), notes, finished };
}
