import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../core/random.ts';
import { findFault } from './registry.ts';
import { calm, decide, type Scenario, scenarios, waitsOf } from './scenario.ts';

const facts = { model: 'claude-opus-5-5', path: '/v1/messages', faulted: 0 };
const storm: Scenario = { ...calm, rate: 0.3, kinds: ['overloaded', 'refuse'] };

/** The decisions of a run of `count` attempts. */
function run(scenario: Scenario, count: number): (string | null)[] {
  return Array.from({ length: count }, (_, index) => decide(scenario, facts, seededRandom(scenario.seed + index), 0));
}

test('equal seeds decide equally, others otherwise', () => {
  assert.deepEqual(run(storm, 200), run(storm, 200));
  assert.notDeepEqual(run(storm, 200), run({ ...storm, seed: 999_999 }, 200));
});

test('the rate is the share of attempts that meet a fault, and kinds are equally likely', () => {
  const decisions = run(storm, 10_000);
  const share = (name: string) => decisions.filter((decision) => decision === name).length / decisions.length;
  for (const name of storm.kinds) assert.ok(Math.abs(share(name) - 0.15) < 0.015, `${name}: ${share(name)}`);
});

test('rate 0 and rate 1 are never and always', () => {
  assert.ok(run({ ...storm, rate: 0 }, 500).every((decision) => decision === null));
  assert.ok(run({ ...storm, rate: 1 }, 500).every((decision) => decision !== null));
});

test('an outage strikes its model in its time, before chance is asked', () => {
  const outage = { model: 'claude-opus-5-5', fromMs: 100, toMs: 200, fault: 'internal-error' };
  const scenario = { ...calm, outages: [outage] };
  const at = (elapsedMs: number, model: string | null) =>
    decide(scenario, { ...facts, model }, seededRandom(1), elapsedMs);
  assert.deepEqual(
    [99, 100, 199, 200].map((elapsedMs) => at(elapsedMs, 'claude-opus-5-5')),
    [null, 'internal-error', 'internal-error', null],
  );
  assert.equal(at(150, 'claude-haiku-5-5'), null);
  assert.equal(at(150, null), null);
});

test('no more faults come than times allows', () => {
  const scenario = { ...storm, rate: 1, times: 2 };
  assert.notEqual(decide(scenario, { ...facts, faulted: 1 }, seededRandom(1), 0), null);
  assert.equal(decide(scenario, { ...facts, faulted: 2 }, seededRandom(1), 0), null);
});

test('a scale shortens every wait but those that were set', () => {
  assert.deepEqual(waitsOf({ ...calm, waitScale: 0.1, waits: { stallMs: 7 } }), {
    retryAfterSeconds: 5.800000000000001,
    stallMs: 7,
    pingMs: 3_000,
    trickleMs: 200,
  });
});

test('named scenarios name faults that exist; the storm strikes before content, the cuts after', () => {
  for (const make of Object.values(scenarios)) {
    const scenario = make();
    for (const name of [...scenario.kinds, ...scenario.outages.map(({ fault }) => fault)])
      assert.ok(findFault(name), name);
  }
  const phases = (name: string) => new Set(scenarios[name]?.().kinds.map((kind) => findFault(kind)?.phase));
  assert.deepEqual(phases('storm'), new Set(['pre-content']));
  assert.deepEqual(phases('cuts'), new Set(['mid-stream']));
});
