import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HealthModel } from '../../src/health/model.ts';
import type { HealthChange } from '../../src/health/state.ts';
import { type Ended, endedAttempt } from '../fixtures/events.ts';

const beganAtMs = 1_700_000_000_000;
const opus = 'claude-opus-5-5';
const opusRoute = `anthropic/${opus}`;

/** Feeds attempts, one a second, each a call of its own unless it says otherwise. */
function fed(attempts: readonly Partial<Ended>[]) {
  const changes: HealthChange[] = [];
  const model = new HealthModel((change) => changes.push(change));
  attempts.forEach((attempt, index) => {
    model.attempt(endedAttempt({ atMs: beganAtMs + index * 1_000, callId: `call ${index}`, ...attempt }));
  });
  const atMs = beganAtMs + attempts.length * 1_000;
  return { model, changes, atMs, states: model.routes(atMs) };
}

const times = (count: number, attempt: Partial<Ended>) => new Array<Partial<Ended>>(count).fill(attempt);

test('a model that fails is down, the one beside it healthy, and the change says by which figures', () => {
  const both = times(8, {}).flatMap((one) => [one, { model: opus, failure: 'overload' as const }]);
  const { states, changes } = fed(both);
  assert.equal(states.get(opusRoute)?.state, 'down');
  assert.equal(states.get('anthropic/claude-sonnet-5-5')?.state, 'healthy');
  assert.equal(changes.length, 1);
  assert.equal(
    changes[0]?.why,
    '4 of 4 attempts of the last minute failed, 4 of 4 attempts of the last ten minutes failed.',
  );
});

test('bad requests, keys, money, rate limits and what we broke off ourselves speak against no route', () => {
  for (const failure of ['request', 'auth', 'permission', 'spend-limit', 'rate-limit', 'conflict', 'model'] as const) {
    assert.equal(fed(times(50, { failure })).changes.length, 0, failure);
  }
  assert.equal(fed(times(50, { failure: 'network', aborted: true })).changes.length, 0);
});

test('one call that fails over and over is no outage', () => {
  assert.equal(fed(times(30, { failure: 'server', callId: 'cursed' })).changes.length, 0);
});

test('one caller that fails while others are served is no outage', () => {
  const mixed = times(20, {}).flatMap(() => [
    { failure: 'server' as const, caller: 'cursed' },
    { failure: 'server' as const, caller: 'cursed' },
    { caller: 'other' },
  ]);
  assert.equal(fed(mixed).changes.length, 0);
});

test('after an outage the first success is a recovery, and a quiet minute is health', () => {
  const { changes } = fed([...times(10, { failure: 'overload' }), ...times(62, {})]);
  assert.deepEqual(
    changes.map(({ from, to }) => `${from} → ${to}`),
    ['healthy → down', 'down → recovering', 'recovering → healthy'],
  );
});

test('a model whose first bytes take many times as long as usual is degraded, and the word says so', () => {
  const { states, changes } = fed([...times(120, { firstByteMs: 900 }), ...times(50, { firstByteMs: 14_000 })]);
  assert.equal(states.get('anthropic/claude-sonnet-5-5')?.state, 'degraded');
  assert.match(changes[0]?.why ?? '', /^The first byte of an answer takes 14\.0 s, usually 0\.9 s\.$/);
});

test('a route of which nothing is heard for long is unknown again', () => {
  const { model, atMs } = fed(times(10, { failure: 'overload' }));
  assert.equal(model.routes(atMs + 3_600_000).get('anthropic/claude-sonnet-5-5')?.state, null);
});

test('a snapshot tells keys, callers, the way to the upstreams and our own failures apart', () => {
  const { model, atMs } = fed([
    ...times(3, { failure: 'auth', credential: 'bad', caller: 'a', status: 401 }),
    ...times(2, { caller: 'b' }),
    ...times(4, {
      ...{ upstream: 'other', failure: 'network', status: null },
      error: { type: 'api_error', code: 'ENOTFOUND', action: 'retry', waitMs: null },
    }),
  ]);
  const snapshot = model.snapshot(atMs);
  const bad = snapshot.credentials.find(({ credential }) => credential === 'bad');
  assert.deepEqual(bad?.short, { attempts: 3, failures: { auth: 3 } });
  assert.equal(bad?.lastSuccessAtMs, null);
  assert.equal(bad?.failingSinceMs, beganAtMs - 500);
  assert.equal(snapshot.callers.find(({ caller }) => caller === 'b')?.long.attempts, 2);
  assert.deepEqual(snapshot.network.codes, { ENOTFOUND: 4 });
  assert.deepEqual(snapshot.network.unreached, ['other']);
  assert.deepEqual(snapshot.network.reached, ['anthropic']);
});

test('windows forget: after eleven minutes nothing of an hour of failures is counted', () => {
  const { model, atMs } = fed(times(600, { failure: 'overload' }));
  const [route] = model.snapshot(atMs).routes;
  // To the step of ten seconds.
  assert.ok((route?.long.attempts ?? 0) >= 590 && (route?.long.attempts ?? 0) <= 600);
  assert.ok((route?.short.attempts ?? 0) <= 60);
  assert.equal(model.snapshot(atMs + 660_000).routes[0]?.long.attempts, 0);
});
