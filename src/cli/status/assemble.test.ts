import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteView } from '../../engine/routes.ts';
import type { HealthSnapshot, RouteHealth } from '../../health/state.ts';
import { unread } from '../../status/state.ts';
import { assembleReport, type ReportSources } from './assemble.ts';

const view = (label: string, extra: Partial<RouteView> = {}): RouteView => ({
  ...{ label, breaker: 'closed', calls: 1, cooldownMs: 0, budgetTokens: 10 },
  ...extra,
});
const health = (route: string, state: RouteHealth['state'], attempts: number, failures: number) =>
  ({ route, state, short: { attempts, failures: { overload: failures } }, firstByteMs: 400 }) as unknown as RouteHealth;

function sources(views: readonly RouteView[], extra: Partial<ReportSources> = {}): ReportSources {
  const engine = { gauges: { running: 3, waiting: 2 }, routes: () => views };
  return {
    ...{ version: '1.0.0', startedAtMs: 0.5, now: () => 10.5, upstream: () => 'https://api.anthropic.com' },
    ...{ page: () => null, alerts: () => [], health: () => null, verdict: async () => null, queue: async () => null },
    engine: () => engine as unknown as ReturnType<ReportSources['engine']>,
    ...extra,
  };
}

test('routes in trouble come first, then those used last', async () => {
  const snapshot = { routes: [health('a/down', 'down', 10, 9), health('a/well', 'healthy', 0, 0)] };
  const views = [view('a/old'), view('a/well'), view('a/open', { breaker: 'open' }), view('a/down'), view('a/new')];
  const report = await assembleReport(sources(views, { health: () => snapshot as unknown as HealthSnapshot }));
  assert.deepEqual(
    report.routes.map(({ route }) => route),
    ['a/down', 'a/open', 'a/new', 'a/well', 'a/old'],
  );
  assert.equal(report.routes[0]?.errorShare, 0.9);
  assert.equal(report.routes.find(({ route }) => route === 'a/well')?.errorShare, null, 'nothing was tried');
  assert.deepEqual(report.calls, { running: 3, waiting: 2 });
});

test('a route with several keys is one line, which shows the worst of them', async () => {
  const views = [view('a/m', { breaker: 'open', budgetTokens: 1 }), view('a/m', { cooldownMs: 5_000, calls: 4 })];
  const { routes } = await assembleReport(sources(views));
  assert.deepEqual(routes, [
    {
      ...{ route: 'a/m', state: null, errorShare: null, firstByteMs: null, breaker: 'open', calls: 5 },
      ...{ cooldownMs: 5_000, budgetTokens: 1 },
    },
  ]);
});

test('a queue that cannot be asked, a page that was not read and no engine leave the rest of the report', async () => {
  const failing = async () => {
    throw new Error('locked');
  };
  const report = await assembleReport(
    sources([], { queue: failing, verdict: failing, engine: () => null, page: () => unread }),
  );
  assert.equal(report.queue, null);
  assert.equal(report.verdict, null);
  assert.equal(report.page?.api, null);
  assert.deepEqual(report.calls, { running: 0, waiting: 0 });
});

test('callers name the models, and a report has an end all the same', async () => {
  const { routes } = await assembleReport(sources(Array.from({ length: 1_000 }, (_, i) => view(`a/m${i}`))));
  assert.equal(routes.length, 200);
  assert.equal(routes[0]?.route, 'a/m999');
});
