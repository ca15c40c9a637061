import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import type { Credential } from '../core/call.ts';
import { defaultLimits, routesRememberedMax } from '../core/limits.ts';
import { seededRandom } from '../core/random.ts';
import type { Upstream } from '../providers/upstream.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Routes } from './routes.ts';

const credential = (id: string): Credential => ({ id, apiKey: null, bearer: null, oauth: false });
const upstream = (name: string, origin: string, key: string | null): Upstream => ({
  name,
  origin,
  basePath: '',
  credential: key === null ? null : credential(key),
  models: new Map(),
});

const routes = (fallback: Record<string, string[]> = {}) =>
  new Routes({
    primary: upstream('main', 'https://main', null),
    upstreams: new Map([
      ['managed', upstream('managed', 'https://managed', 'ours')],
      ['keyless', upstream('keyless', 'https://keyless', null)],
      ['twin', upstream('twin', 'https://main', null)],
      ['twin-account', upstream('twin-account', 'https://main', 'other account')],
    ]),
    fallback: new Map(Object.entries(fallback)),
    limits: defaultLimits,
    clock: new VirtualClock(),
    random: seededRandom(1),
    observer: {},
  });

const model = 'claude-opus-5';
const own = { credential: credential('own'), token: null };
const labels = (given: Routes, more: Parameters<typeof call>[0] = {}) =>
  given.for(call({ caller: own, ...more })).map((route) => `${route.label} ${route.credential?.id}`);

test('the first route is the one asked for, then the configured targets in order', () => {
  const given = routes({ [model]: ['claude-sonnet-5', 'managed/big', 'org/model'] });
  assert.deepEqual(labels(given), [
    `main/${model} own`,
    'main/claude-sonnet-5 own',
    'managed/big ours',
    'main/org/model own',
  ]);
  assert.deepEqual(labels(given, { fallback: 'off' }), [`main/${model} own`]);
  assert.deepEqual(labels(given, { fallback: ['managed/big'] }), [`main/${model} own`, 'managed/big ours']);
});

test("a caller's credential goes to no other origin", () => {
  const given = routes({ [model]: ['managed/a', 'keyless/b', 'twin/c'] });
  assert.deepEqual(labels(given), [`main/${model} own`, 'managed/a ours', 'twin/c own']);
});

test('a route to another origin, or with a key of ours, is foreign to the caller; the first never is', () => {
  const given = routes({ [model]: ['claude-sonnet-5', 'managed/a', 'twin/b', 'twin-account/c'] });
  const foreign = given.for(call({ caller: own })).map((route) => [route.label, route.foreign]);
  assert.deepEqual(foreign, [
    [`main/${model}`, false],
    ['main/claude-sonnet-5', false],
    ['managed/a', true],
    ['twin/b', false],
    ['twin-account/c', true],
  ]);
});

test('a target that is the first route itself is no second one', () => {
  assert.deepEqual(labels(routes({ [model]: [model, 'claude-sonnet-5', 'claude-sonnet-5'] })), [
    `main/${model} own`,
    'main/claude-sonnet-5 own',
  ]);
});

test('health is kept by upstream, model and credential; the budget by upstream and credential', () => {
  const given = routes();
  const lane = (more: Parameters<typeof call>[0] = {}) => given.for(call({ caller: own, ...more }))[0]?.lane;
  const other = { model: 'claude-sonnet-5', stream: false, maxTokens: 1, thinks: false };
  assert.equal(lane(), lane());
  assert.notEqual(lane(), lane({ facts: other }));
  assert.equal(lane()?.purse, lane({ facts: other })?.purse);
  const stranger = lane({ caller: { ...own, credential: credential('stranger') } });
  assert.notEqual(lane(), stranger);
  assert.notEqual(lane()?.purse, stranger?.purse);
});

test('random keys do not make it grow for ever: the oldest is forgotten', () => {
  const given = routes();
  const laneOf = (id: string) => given.for(call({ caller: { ...own, credential: credential(id) } }))[0]?.lane;
  const first = laneOf('first');
  for (let i = 0; i < routesRememberedMax; i++) laneOf(`key ${i}`);
  assert.notEqual(laneOf('first'), first);
});

test('only targets that the configuration names may be asked for', () => {
  const given = routes({ [model]: ['claude-sonnet-5'] });
  assert.deepEqual([given.knows('claude-sonnet-5'), given.knows('managed/big')], [true, false]);
});
