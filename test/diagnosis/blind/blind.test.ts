import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { Fault } from '../../../src/diagnosis/verdict.ts';
import { generate, kindNames } from './index.ts';
import type { BlindEvent, Scenario } from './scenario.ts';

/** `BLIND_SEED=7` looks at another set. */
const seed = Number(process.env.BLIND_SEED ?? 20_261_122);
const scenarios = generate(seed);

/** Kinds whose point is that there is hardly any traffic. */
const sparse: ReadonlySet<string> = new Set(['single-failure', 'too-little-traffic']);

function each(check: (scenario: Scenario) => void): void {
  for (const scenario of scenarios) {
    try {
      check(scenario);
    } catch (error) {
      throw new Error(`${scenario.name}, seed ${scenario.seed} of ${seed}`, { cause: error });
    }
  }
}

const attemptsOf = (events: readonly BlindEvent[]) => events.flatMap(({ attempt }) => attempt ?? []);
const callsOf = (events: readonly BlindEvent[]) => events.flatMap(({ call }) => call ?? []);

function digest(all: readonly Scenario[]): string {
  const hash = createHash('sha256');
  for (const { events, ...rest } of all) {
    hash.update(JSON.stringify(rest));
    for (const event of events) hash.update(JSON.stringify(event));
  }
  return hash.digest('hex');
}

test('a seed gives sixty scenarios, with every kind among them', () => {
  assert.equal(scenarios.length, 60);
  assert.deepEqual([...new Set(scenarios.map(({ name }) => name))].sort(), [...kindNames].sort());
  assert.equal(new Set(kindNames).size, kindNames.length);
});

test('the same seed gives the same scenarios to the last event, another seed others', () => {
  const first = digest(scenarios.slice(0, 12));
  assert.equal(digest(generate(seed, 12)), first);
  assert.notEqual(digest(generate(seed + 1, 12)), first);
});

test('events stand in order, none after the question, over ten minutes and more', () => {
  each(({ name, events, atMs }) => {
    let lastMs = Number.NEGATIVE_INFINITY;
    for (const event of events) {
      assert.equal(Number(event.attempt !== undefined) + Number(event.call !== undefined), 1);
      assert.ok(event.atMs >= lastMs);
      lastMs = event.atMs;
    }
    assert.ok(lastMs <= atMs);
    if (!sparse.has(name)) assert.ok(atMs - (events[0]?.atMs ?? atMs) >= 480_000);
  });
});

test('attempts and calls are such as the engine tells of', () => {
  each(({ events }) => {
    const attempts = attemptsOf(events);
    for (const { failure, error, aborted, status, requestId, firstByteMs, totalMs, index, route } of attempts) {
      assert.equal(failure === null, error === null);
      assert.ok(failure === null || !aborted);
      assert.ok(firstByteMs === null ? status === null && requestId === null : status !== null);
      assert.ok(totalMs >= 0 && index >= 1 && route.includes('/'));
    }
    for (const { result, error, attempts: made } of callsOf(events)) {
      assert.equal(result === 'failed', error !== null);
      assert.ok(result === 'failed' || made > 0);
    }
    const indexes = new Map<string, number>();
    for (const { callId, index } of attempts) {
      assert.equal(index, (indexes.get(callId) ?? 0) + 1);
      indexes.set(callId, index);
    }
    for (const { callId, attempts: made } of callsOf(events)) assert.equal(made, indexes.get(callId) ?? 0);
  });
});

test('pages and looks are older than the question, and looks are at upstreams of the traffic', () => {
  each(({ page, canaries, atMs }) => {
    assert.ok((page?.readAtMs ?? 0) <= atMs);
    for (const { createdAtMs } of page?.incidents ?? []) assert.ok(createdAtMs <= atMs);
    for (const { scheduledForMs } of page?.maintenances ?? []) assert.ok((scheduledForMs ?? 0) > atMs);
    for (const canary of canaries) {
      assert.ok(canary.atMs <= atMs);
      assert.equal(canary.problem === null, canary.status !== null && canary.status < 400);
    }
  });
});

/** What a label may rest on: at least so many failures that ended within the ten minutes before the question. */
const evidenceMin = 3;
const quiet: ReadonlySet<Fault> = new Set(['nothing is wrong', 'unclear', 'this gateway']);

test('who is accused has failed often enough for it to be seen', () => {
  each(({ name, right, subject, events, atMs }) => {
    if (name === 'one-model-slow' || right.some((fault) => quiet.has(fault))) return;
    const failed = attemptsOf(events).filter((a) => a.failure !== null && a.startedAtMs + a.totalMs > atMs - 600_000);
    const its = failed.filter(
      (a) => subject === undefined || [a.model, a.upstream, a.credential, a.caller].includes(subject),
    );
    assert.ok(its.length >= evidenceMin);
  });
});

test('where one model is accused, another is seen to be well', () => {
  each(({ right, subject, events, atMs }) => {
    if (right.length > 1 || right[0] !== 'this model') return;
    const recent = attemptsOf(events).filter((a) => a.startedAtMs + a.totalMs > atMs - 600_000);
    const well = recent.filter(({ model, failure, aborted }) => model !== subject && failure === null && !aborted);
    assert.ok(well.length >= evidenceMin);
  });
});

test('where nothing is wrong, hardly an attempt fails in the last five minutes', () => {
  each(({ right, events, atMs }) => {
    if (right[0] !== 'nothing is wrong') return;
    const last = attemptsOf(events.filter((event) => event.atMs > atMs - 240_000));
    const failed = last.filter(({ failure }) => failure !== null).length;
    assert.ok(failed <= 2 + 0.03 * last.length, `${failed} of ${last.length}`);
  });
});

test('a subject is somebody of whom the traffic tells', () => {
  each(({ subject, events }) => {
    if (subject === undefined) return;
    const known = attemptsOf(events).flatMap(({ model, upstream, credential, caller }) => [
      ...[model, upstream, credential, caller],
    ]);
    assert.ok(known.includes(subject));
  });
});

test('a gateway at fault turns calls away that no upstream has seen', () => {
  each(({ right, events }) => {
    if (!right.includes('this gateway') || right.length > 1) return;
    const own = callsOf(events).filter(({ result, attempts }) => result === 'failed' && attempts === 0);
    assert.ok(own.length >= evidenceMin);
  });
});

test('no call has more attempts than its retries, probes and resumes allow', () => {
  const { retry, recovery, breaker } = defaultLimits;
  // A call that has used its retries goes on as a probe, at most one each open interval of its ten minutes.
  const probesMax = 600 / breaker.open;
  each(({ events }) => {
    for (const { attempts } of callsOf(events)) assert.ok(attempts <= 1 + retry.max + recovery.resumes + probesMax);
  });
});

test('each kind of fault is the right answer somewhere', () => {
  const faults: readonly Fault[] = [
    ...(['your request', 'your account', 'your network', 'this model'] as const),
    ...(['this provider', 'this gateway', 'unclear', 'nothing is wrong'] as const),
  ];
  const seen = new Set(scenarios.flatMap(({ right }) => right));
  assert.deepEqual([...seen].sort(), [...faults].sort());
  const several = scenarios.filter(({ right }) => right.length > 1).length;
  assert.ok(several <= scenarios.length / 3, `${several} labels leave a choice`);
});
