import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../../test/fixtures/failures.ts';
import { defaultLimits } from '../core/limits.ts';
import type { Failure } from '../core/outcome.ts';
import { type Decision, RetryPlan } from './retry.ts';

const half = { next: () => 0.5, id: () => '' };
const slowMs = 5_000;
const patient = { nowMs: 0, remainingMs: 600_000, credentialWorked: false, routeIsOurs: false };

/** A plan over so many routes; `fail` spends a retry, as every attempt but a probe does. */
function planOver(routes: number) {
  const plan = new RetryPlan(defaultLimits.retry, slowMs, Array(routes).fill(true), half);
  const fail = (route: number, more: Partial<Failure> = {}, moment: Partial<typeof patient> = {}): Decision => {
    const decision = plan.after(route, failure(more), { ...patient, routeIsOurs: route > 0, ...moment });
    if (decision.do === 'attempt') plan.spend();
    return decision;
  };
  return { plan, fail };
}

const routeOf = (decision: Decision) => (decision.do === 'attempt' ? decision.route : decision.because);

test('without a fallback it goes on slowly when the retries are used up', () => {
  const { plan, fail } = planOver(1);
  const delays = Array.from({ length: 7 }, () => fail(0)).map((each) => (each.do === 'attempt' ? each.delayMs : -1));
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  assert.equal(plan.exhausted, true);
});

test('with no retries at all the first failure is final, whatever it is', () => {
  for (const more of [{}, { class: 'model', action: 'next-route' }, { class: 'auth', action: 'surface' }] as const) {
    const plan = new RetryPlan({ ...defaultLimits.retry, max: 0 }, slowMs, [true, true], half);
    const decision = plan.after(0, failure(more), { ...patient, credentialWorked: true });
    assert.deepEqual(decision, { do: 'surface', because: 'final' });
  }
});

test('three failures in a row lead to the next route at once, and the last route keeps the call', () => {
  const { fail } = planOver(2);
  assert.deepEqual([fail(0), fail(0)].map(routeOf), [0, 0]);
  assert.deepEqual(fail(0), { do: 'attempt', route: 1, delayMs: 0, floorMs: 0, reason: 'fallback' });
  assert.deepEqual([fail(1), fail(1), fail(1), fail(1)].map(routeOf), [1, 1, 1, 1]);
});

test('what cannot serve the call is left at once, for good', () => {
  const { plan, fail } = planOver(3);
  const gone = { class: 'model', action: 'next-route' } as const;
  assert.equal(routeOf(fail(0, gone)), 1);
  assert.equal(routeOf(fail(1, gone)), 2);
  assert.deepEqual(plan.openRoutes(), [2]);
  assert.deepEqual(fail(2, gone), { do: 'surface', because: 'final' });
});

test("a target's refusal puts the target out, not the call: it goes back to an earlier route", () => {
  const { fail } = planOver(2);
  for (let i = 0; i < 3; i++) fail(0);
  assert.equal(routeOf(fail(1, { class: 'request', action: 'surface', status: 400 })), 0);
});

test('a route that is come back to is left in peace until its wait has passed', () => {
  for (const [nowMs, delayMs] of [
    [5_000, 15_750],
    [30_000, 4_000],
  ] as const) {
    const { fail } = planOver(2);
    fail(0);
    fail(0);
    assert.equal(routeOf(fail(0, { waitMs: 20_000 })), 1);
    const back = fail(1, { class: 'request', action: 'surface', status: 400 }, { nowMs });
    assert.deepEqual(back.do === 'attempt' && [back.route, back.delayMs], [0, delayMs]);
  }
});

test("the first route's refusal is final", () => {
  const { fail } = planOver(2);
  assert.deepEqual(fail(0, { class: 'request', action: 'surface' }), { do: 'surface', because: 'final' });
});

test("the server's wait is a floor; one beyond the deadline means another route, or word at once", () => {
  const { fail } = planOver(2);
  const waited = fail(0, { waitMs: 20_000 });
  assert.ok(waited.do === 'attempt' && waited.delayMs === 21_000 && waited.floorMs === 21_000);
  assert.equal(routeOf(fail(0, { waitMs: 20_000 }, { remainingMs: 20_000 })), 1);
  assert.deepEqual(fail(1, { waitMs: 20_000 }, { remainingMs: 20_000 }), { do: 'surface', because: 'patience' });
});

test('no backoff goes beyond the deadline', () => {
  const { fail } = planOver(1);
  assert.deepEqual(fail(0, {}, { remainingMs: 500 }), { do: 'surface', because: 'patience' });
  assert.equal(routeOf(fail(0, {}, { remainingMs: 501 })), 0);
});

test('where no backoff fits before the deadline another route is asked at once', () => {
  const { fail } = planOver(2);
  assert.deepEqual(fail(0, {}, { remainingMs: 500 }), {
    do: 'attempt',
    route: 1,
    delayMs: 0,
    floorMs: 0,
    reason: 'fallback',
  });
  assert.deepEqual(fail(1, {}, { remainingMs: 400 }), { do: 'surface', because: 'patience' });
});

test('a client error that the server wants retried is asked of no other route', () => {
  for (const failureClass of ['request', 'permission'] as const) {
    const { fail } = planOver(2);
    const again = { class: failureClass, action: 'retry', status: 400 } as const;
    assert.deepEqual([fail(0, again), fail(0, again), fail(0, again), fail(0, again)].map(routeOf), [0, 0, 0, 0]);
    assert.equal(routeOf(fail(0, { ...again, waitMs: 20_000 }, { remainingMs: 20_000 })), 'patience');
  }
});

test('a 401 of a key that worked just now is tried twice more, slowly; of any other, not at all', () => {
  const auth = { class: 'auth', action: 'surface', status: 401 } as const;
  const { fail } = planOver(2);
  const worked = { credentialWorked: true };
  const delays = [fail(0, auth, worked), fail(0, auth, worked)].map((each) => each.do === 'attempt' && each.delayMs);
  assert.deepEqual(delays, [2_000, 5_000]);
  assert.equal(routeOf(fail(0, auth, worked)), 'final');
  assert.equal(routeOf(planOver(2).fail(0, auth)), 'final');
});
