import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPostgres } from '../store/with-stores.ts';
import { crashRounds, type Workload } from './rounds.ts';

/** 8 with a process each in `npm test`; `npm run test:crash` sets more, with as many as the workload wants. */
const quick = process.env.CRASH_ROUNDS === undefined;
const rounds = quick ? 8 : Number(process.env.CRASH_ROUNDS);
const seed = Number(process.env.CRASH_SEED ?? 1);

/** Registers the crash test of a workload, on both back ends. `CRASH_ROUNDS` and `CRASH_SEED` set how many, and when. */
export function crashTest(name: string, workload: () => Workload): void {
  for (const backend of ['sqlite', 'postgres'] as const) {
    const skip = backend === 'postgres' && withoutPostgres;
    test(`${name} in ${rounds} rounds of kill -9 [${backend}]`, { skip }, async (t) => {
      t.diagnostic(`seed ${seed}: CRASH_SEED=${seed} kills after the same lines again`);
      const work = workload();
      const report = await crashRounds(quick ? { ...work, children: 1 } : work, { rounds, backend, seed });
      const { acknowledged, kills, serverKills } = report;
      t.diagnostic(`${acknowledged} lines acknowledged, ${kills} processes and ${serverKills} servers killed`);
      assert.ok(acknowledged > rounds, 'the children did nothing before they were killed');
    });
  }
}
