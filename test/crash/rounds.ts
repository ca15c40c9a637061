import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { databaseFile, openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { inlineSqlite } from '../../src/testing/inline-sqlite.ts';
import { startPostgres } from '../store/postgres-server.ts';
import { type ChildTask, CrashChild } from './crash-child.ts';

/** Work under which processes are killed. */
export interface Workload {
  /**
   * A program that works on the store for as long as it lives, and prints one line, by one
   * `process.stdout.write`, after each thing that was acknowledged to it. It ends itself when its
   * standard input ends, so that nothing stays behind a test that was killed.
   */
  readonly program: string;
  /** Processes at the same time, each killed at a moment of its own. */
  readonly children: number;
  /** A child is killed after at most this many lines; its first one may say that it begins. */
  readonly linesMax: number;
  /** Called after each round, when all children are dead, with the lines of this round. Throws where something was lost. */
  verify(store: Store, lines: readonly string[]): Promise<void>;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly backend: 'sqlite' | 'postgres';
  /** Decides the moments; the same seed kills after the same lines. */
  readonly seed: number;
}

/** What the rounds have seen. */
export interface RoundsReport {
  readonly acknowledged: number;
  readonly kills: number;
  /** Rounds in which the database server was killed as well. */
  readonly serverKills: number;
}

/** One round in so many also kills the server, if there is one. */
const serverKillEvery = 4;

/** Runs a workload again and again on one database, kills its processes with `kill -9`, and looks what is left. */
export async function crashRounds(workload: Workload, options: RoundsOptions): Promise<RoundsReport> {
  const random = seededRandom(options.seed);
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-crash-'));
  const server = options.backend === 'postgres' ? await startPostgres() : null;
  const database = server === null ? null : await server.createDatabase();
  const report = { acknowledged: 0, kills: 0, serverKills: 0 };
  try {
    for (let round = 1; round <= options.rounds; round++) {
      const children = Array.from(
        { length: workload.children },
        () => new CrashChild(workload.program, { data, database, child: ++report.kills }),
      );
      if (server !== null && round % serverKillEvery === 0) {
        await children[0]?.reached(moment(random, workload));
        await server.crash();
        report.serverKills++;
      }
      const lines = await Promise.all(children.map((child) => child.killAfter(moment(random, workload), random)));
      report.acknowledged += lines.flat().length;
      await verify(workload, { data, database }, lines.flat());
    }
  } finally {
    await server?.stop();
    rmSync(data, { recursive: true, force: true });
  }
  return report;
}

/** Most moments are early ones, because that is where files and connections are opened. */
function moment(random: Random, { linesMax }: Workload): number {
  return 1 + Math.floor(random.next() ** 2 * linesMax);
}

async function verify(workload: Workload, place: Pick<ChildTask, 'data' | 'database'>, lines: string[]): Promise<void> {
  // The threads of SQLite would take longer to start than the look takes.
  const store =
    place.database === null
      ? inlineSqlite({ path: join(place.data, databaseFile), clock: systemClock })
      : await openStore({ ...place, clock: systemClock });
  try {
    await workload.verify(store, lines);
  } finally {
    await store.close();
  }
}
