import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptEvent } from '../core/events.ts';
import type { HealthChange } from '../health/state.ts';
import type { StatusIncident } from '../status/state.ts';
import { breakerSignal, healthSignal, queueSignal, spendingSignal, statusSignal } from './signals.ts';

test('a breaker is trouble while it is open; half-open is no news', () => {
  assert.equal(breakerSignal({ route: 'a/m', state: 'open' })?.level, 'warning');
  assert.equal(breakerSignal({ route: 'a/m', state: 'half-open' }), null);
  const closed = breakerSignal({ route: 'a/m', state: 'closed' });
  assert.equal(closed?.level, 'ok');
  assert.equal(closed?.subject, breakerSignal({ route: 'a/m', state: 'open' })?.subject);
});

test('down is critical, degraded a warning, recovering nothing yet, healthy the end', () => {
  const change = (to: HealthChange['to']): HealthChange => ({
    ...{ route: 'anthropic/claude-opus-5-5', from: 'healthy', to, atMs: 0, why: '41 of 50 attempts failed.' },
  });
  assert.deepEqual(
    (['down', 'degraded', 'recovering', 'healthy'] as const).map((to) => healthSignal(change(to))?.level ?? null),
    ['critical', 'warning', null, 'ok'],
  );
  assert.equal(healthSignal(change('down'))?.title, 'anthropic/claude-opus-5-5 is down');
});

test('a spend limit is the key’s: its own success ends it, other failures and other keys say nothing', () => {
  const event = (failure: AttemptEvent['failure'], credential = 'k1', aborted = false) =>
    spendingSignal({ upstream: 'anthropic', credential, failure, aborted } as AttemptEvent);
  assert.equal(event('spend-limit')?.level, 'critical');
  assert.equal(event('overload'), null);
  assert.equal(event(null, 'k1', true), null, 'a call that was left has proved nothing');
  assert.equal(event(null)?.level, 'ok');
  assert.equal(event(null)?.subject, event('spend-limit')?.subject);
  assert.notEqual(event(null, 'k2')?.subject, event('spend-limit')?.subject);
});

test('an incident is told with each of its words, if it touches the API; a maintenance once it is under way', () => {
  const incident: StatusIncident = {
    ...{ id: 'a', kind: 'incident', name: 'Errors', status: 'investigating', impact: 'critical', createdAtMs: 0 },
    ...{
      updatedAtMs: 1,
      scheduledForMs: null,
      scheduledUntilMs: null,
      models: [],
      components: [],
      text: 'We look.',
      link: null,
    },
  };
  const told = (extra: Partial<StatusIncident>) =>
    statusSignal({ kind: 'updated', incident: { ...incident, ...extra } });
  assert.equal(told({})?.level, 'critical');
  assert.equal(told({ impact: 'minor' })?.level, 'warning');
  assert.equal(told({ status: 'resolved' })?.level, 'ok');
  assert.notEqual(told({})?.state, told({ updatedAtMs: 2 })?.state);
  assert.equal(told({ components: ['claude.ai'] }), null);
  assert.equal(told({ kind: 'maintenance', status: 'scheduled' })?.level, 'ok');
  assert.equal(told({ kind: 'maintenance', status: 'in_progress' })?.title, 'Maintenance in progress: Errors');
  assert.equal(told({ kind: 'maintenance', status: 'in_progress', impact: 'minor' })?.level, 'warning');
});

test('a queue is trouble when its oldest item is too old, not when it is merely full', () => {
  assert.equal(queueSignal(null, 3_600_000).level, 'ok');
  assert.equal(queueSignal(3_599_999, 3_600_000).level, 'ok');
  const old = queueSignal(3_600_000, 3_600_000);
  assert.equal(old.level, 'warning');
  assert.equal(old.title, 'The oldest request in the queue has waited 60 min');
  assert.equal(queueSignal(7_200_000, 3_600_000).state, old.state, 'growing older is no news');
});
