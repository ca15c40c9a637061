import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../../config/load.ts';
import { seededRandom } from '../../core/random.ts';
import { VirtualClock } from '../../testing/index.ts';
import { Watching } from './watching.ts';

const configOf = (yaml: string) =>
  parseConfig(yaml, 'test.yaml', { env: { PAGE: 'a-secret-long-enough' }, upstream: null });

function watch(yaml: string) {
  const clock = new VirtualClock();
  const parts = { health: () => null, verdict: async () => null, queue: async () => null };
  const config = configOf(yaml);
  const options = { clock, random: seededRandom(1), terminal: process.stderr, report: assert.fail, parts };
  return { clock, config, watching: new Watching(config, options) };
}

const cases = [
  ['', true, 'where calls go to api.anthropic.com'],
  ['upstream: http://127.0.0.1:1', false, 'where they go elsewhere'],
  ['upstream: http://127.0.0.1:1\nstatus: {page: on}', true, 'where it is asked for'],
  ['status: {page: off}', false, 'where it is switched off'],
  [
    'upstream: http://127.0.0.1:1\nupstreams: {second: {url: "https://api.anthropic.com"}}',
    true,
    'where a fallback does',
  ],
] as const;
for (const [yaml, isWatched, where] of cases) {
  test(`the page is ${isWatched ? '' : 'not '}watched ${where}`, async () => {
    const { clock, config, watching } = watch(yaml);
    await watching.use(config);
    assert.equal(watching.page !== null, isWatched);
    await watching.close();
    assert.equal(clock.pendingTimers, 0);
  });
}

test('a page that is only heard by webhook is not asked', async () => {
  const { clock, watching } = watch('');
  await watching.use(configOf('status: {page: off, webhook_secret_env: PAGE}'));
  assert.notEqual(watching.page, null);
  assert.equal(clock.pendingTimers, 1, 'the queue is looked at, and nothing else');
  await watching.close();
});

test('a configuration that is loaded anew takes the place of the old one, without leftovers', async () => {
  const { clock, config, watching } = watch('');
  for (let i = 0; i < 5; i++) await watching.use(config);
  assert.equal(clock.pendingTimers, 2, 'one look at the page to come, one at the queue');
  await watching.use(configOf('status: {page: off}'));
  assert.equal(watching.page, null);
  await watching.close();
  assert.equal(clock.pendingTimers, 0);
});
