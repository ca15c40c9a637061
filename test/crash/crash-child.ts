import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Random } from '../../src/core/random.ts';

/** What a child is told, as JSON in its first argument. */
export interface ChildTask {
  /** `data` and `database` of `openStore`. */
  readonly data: string;
  readonly database: string | null;
  /** Counts the children of all rounds, from 1: what they make can be told apart by it. */
  readonly child: number;
}

/** Turns of the event loop between a line and the kill, so that the moment falls anywhere between two lines. */
const turnsMax = 50;

/** A process that works until it is killed. */
export class CrashChild {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lines: string[] = [];
  #complaints = '';
  #news = Promise.withResolvers<void>();

  constructor(program: string, task: ChildTask) {
    this.#process = spawn(process.execPath, ['--conditions=ridethrough-source', program, JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#process;
    if (stdout === null || stderr === null) throw new Error('the outputs are pipes');
    createInterface({ input: stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#news.resolve();
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.#ended = once(this.#process, 'close').then(() => this.#news.resolve());
  }

  /** Resolves when so many lines have come. @throws Error where it ends before, with what it said */
  async reached(lines: number): Promise<void> {
    while (this.#lines.length < lines) {
      if (this.#process.exitCode !== null) {
        throw new Error(`the child ended by itself with status ${this.#process.exitCode}:\n${this.#complaints}`);
      }
      this.#news = Promise.withResolvers();
      await this.#news.promise;
    }
  }

  /** `kill -9` at a moment after so many lines. Resolves to all that it has said, when it is dead. */
  async killAfter(lines: number, random: Random): Promise<readonly string[]> {
    await this.reached(lines);
    for (let turns = random.next() * turnsMax; turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve));
    this.#process.kill('SIGKILL');
    await this.#ended;
    return this.#lines;
  }
}
