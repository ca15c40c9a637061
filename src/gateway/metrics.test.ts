import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptEvent, callEvent } from '../../test/fixtures/events.ts';
import { Metrics } from './metrics.ts';

const attempt = attemptEvent();
const call = callEvent({ attempts: 2, recovered: ['retry', 'fallback'], totalMs: 1500 });

test('calls, attempts, recoveries, times, gauges and breakers are told', () => {
  const gauges = { running: 3, waiting: 2 };
  const metrics = new Metrics(() => gauges);
  metrics.attempt({ ...attempt, failure: 'overload', firstByteMs: null });
  metrics.attempt({ ...attempt, reason: 'retry' });
  metrics.call(call);
  metrics.call({ ...call, result: 'aborted', status: null });
  metrics.breaker({ route: 'anthropic/claude-opus-5-5', state: 'half-open' });
  gauges.waiting = 7;
  const text = metrics.render();
  for (const line of [
    'ridethrough_calls_total{endpoint="messages",result="whole",status="200"} 1',
    'ridethrough_calls_total{endpoint="messages",result="aborted",status="none"} 1',
    'ridethrough_attempts_total{route="anthropic/claude-opus-5-5",failure="overload",reason="first"} 1',
    'ridethrough_attempts_total{route="anthropic/claude-opus-5-5",failure="none",reason="retry"} 1',
    'ridethrough_recovered_total{kind="retry"} 1',
    'ridethrough_recovered_total{kind="fallback"} 1',
    'ridethrough_first_byte_seconds_count{route="anthropic/claude-opus-5-5"} 1',
    'ridethrough_call_seconds_sum{endpoint="messages"} 3',
    'ridethrough_calls_running 3',
    'ridethrough_calls_waiting 7',
    'ridethrough_breaker_state{route="anthropic/claude-opus-5-5"} 1',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\nis not in\n${text}`);
  }
});

test('a duration counts in its bucket and in every longer one', () => {
  const metrics = new Metrics(() => ({ running: 0, waiting: 0 }));
  for (const totalMs of [20, 50, 60, 3_600_000]) metrics.call({ ...call, totalMs });
  const buckets = [...metrics.render().matchAll(/call_seconds_bucket\{le="([^"]*)",endpoint="messages"\} (\d+)/g)];
  const counts = Object.fromEntries(buckets.map(([, le, count]) => [le, Number(count)]));
  assert.deepEqual(
    { shortest: counts['0.05'], next: counts['0.1'], longest: counts['1800'], all: counts['+Inf'] },
    { shortest: 2, next: 3, longest: 3, all: 4 },
  );
});

test('models that callers invent do not grow the metrics', () => {
  const metrics = new Metrics(() => ({ running: 0, waiting: 0 }));
  for (let i = 0; i < 5000; i++) metrics.attempt({ ...attempt, route: `anthropic/invented-${i}` });
  metrics.attempt({ ...attempt, route: `anthropic/${'x'.repeat(1000)}` });
  const routes = new Set([...metrics.render().matchAll(/attempts_total\{route="([^"]*)"/g)].map(([, route]) => route));
  assert.equal(routes.size, 101);
  assert.ok(routes.has('other'));
});

test('a label that tries to end its line is escaped', () => {
  const metrics = new Metrics(() => ({ running: 0, waiting: 0 }));
  metrics.attempt({ ...attempt, route: 'anthropic/a"} 1\nforged_total 9' });
  assert.ok(!metrics.render().split('\n').includes('forged_total 9'));
});
