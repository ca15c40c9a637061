import { parseArgs } from 'node:util';
import { pinOurselves, type RunningProxy, startProxy } from './proxies.ts';
import { measureSaturation } from './requests.ts';
import { median } from './statistics.ts';
import { startUpstream } from './upstream.ts';

/**
 * What the ledger costs: the gateway without it, with it, and all of `serve`, which has a queue and
 * a model of the upstream's health too. In turns of a few seconds, so that a slow moment of the
 * machine strikes all alike. Each has one core for all its threads, that of the database among them;
 * load and upstream have the other. With `--apart` the serving thread has the core to itself, and the
 * database's thread shares that of load and upstream: as on a machine with a core to spare.
 *
 *     npm run bench:ledger [-- --rounds 9] [--apart]
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, apart: { type: 'boolean', default: false } },
});
const turnMs = 2_000;
const names = ['ours', 'ledger', 'recorded'] as const;
type Name = (typeof names)[number];

interface Turn {
  readonly perSecond: number;
  /** Microseconds of processor time for each answer: of all threads, and of the one that serves calls. */
  readonly allUs: number;
  readonly mainUs: number;
}

async function turn(proxy: RunningProxy): Promise<Turn> {
  const [all, main] = [proxy.cpuSeconds() ?? Number.NaN, proxy.mainSeconds() ?? Number.NaN];
  const { count, perSecond } = await measureSaturation(proxy.port, turnMs);
  const each = (before: number, after: number | null) => (((after ?? Number.NaN) - before) / count) * 1e6;
  return { perSecond, allUs: each(all, proxy.cpuSeconds()), mainUs: each(main, proxy.mainSeconds()) };
}

function line(name: Name, turns: readonly Record<Name, Turn>[]): string {
  const of = (pick: (turn: Turn) => number) => {
    const us = median(turns.map((each) => pick(each[name])));
    // Of each round by itself: what slowed the machine down meanwhile slowed both.
    const more = median(turns.map((each) => pick(each[name]) / pick(each.ours) - 1));
    return `${us.toFixed(0)} (${more < 0 ? '' : '+'}${(more * 100).toFixed(1)} %)`.padStart(17);
  };
  return `${name.padEnd(10)}${of((it) => it.perSecond)}${of((it) => it.allUs)}${of((it) => it.mainUs)}`;
}

pinOurselves();
const upstream = await startUpstream();
const proxies = new Map<Name, RunningProxy>();
try {
  for (const name of names) proxies.set(name, await startProxy(name, upstream.port));
  for (const proxy of proxies.values()) {
    await turn(proxy);
    if (values.apart) proxy.moveHelpers();
  }
  const turns: Record<Name, Turn>[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const done: Partial<Record<Name, Turn>> = {};
    // Whoever goes first in one round goes last in the next.
    const order = round % 2 === 0 ? [...proxies] : [...proxies].toReversed();
    for (const [name, proxy] of order) done[name] = await turn(proxy);
    turns.push(done as Record<Name, Turn>);
  }
  console.log(`Medians of ${turns.length} rounds; in brackets beside the gateway alone.`);
  console.log(
    `${''.padEnd(10)}${['requests/s', 'µs a call', 'main thread'].map((head) => head.padStart(17)).join('')}`,
  );
  for (const name of names) console.log(line(name, turns));
} finally {
  for (const proxy of proxies.values()) await proxy.close();
  upstream.close();
}
