import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Webhook as Verifier } from 'standardwebhooks';
import { Alerts } from '../../src/alerts/alerts.ts';
import type { SlackMessage } from '../../src/alerts/slack.ts';
import { createTargets } from '../../src/alerts/targets.ts';
import type { AlertsConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { AttemptEvent } from '../../src/core/events.ts';
import { seededRandom } from '../../src/core/random.ts';
import { Secret } from '../../src/core/secret.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const nobody: AlertsConfig = { webhook: null, slack: null, email: null, bell: false, queueAge: 3_600 };
const whsec = `whsec_${Buffer.from('a key of thirty-two bytes length').toString('base64')}`;

/** A receiver of POSTs at an incoming webhook's path; it answers the statuses that it is given, then 200. */
async function receiver(context: TestContext, ...statuses: ContentfulStatusCode[]) {
  const bodies: string[] = [];
  const heads: Record<string, string>[] = [];
  const waiting: (() => void)[] = [];
  const app = new Hono<{ Bindings: HttpBindings }>().post('/services/:team/:bot/:secret', async (c) => {
    heads.push(c.req.header());
    bodies.push(await c.req.text());
    c.env.outgoing.on('finish', () => waiting.shift()?.());
    return c.text('ok', statuses.shift() ?? 200);
  });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  context.after(() => {
    (server as Server).closeAllConnections();
    server.close();
  });
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  const url = new Secret(`http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/xyz`);
  return { bodies, heads, next, url };
}

async function alert(context: TestContext, config: Partial<AlertsConfig>) {
  const clock = new VirtualClock();
  const reports: string[] = [];
  const alerts = new Alerts({ clock, random: seededRandom(1), report: (sentence) => reports.push(sentence) });
  // Sockets go by the time of the machine, everything else by that of the test.
  alerts.use(await createTargets({ ...nobody, ...config }, { clock: systemClock, terminal: process.stderr }));
  context.after(() => alerts.close());
  return { alerts, clock, reports };
}

test('Slack is told once that a breaker is open and once that it is closed', async (context) => {
  const slack = await receiver(context);
  const { alerts, clock } = await alert(context, { slack: { url: slack.url, secret: null, allowPrivate: true } });
  const opened = slack.next();
  for (let i = 0; i < 5; i++) alerts.observer.breaker?.({ route: 'anthropic/claude-opus-5-5', state: 'open' });
  await clock.advance(5_000);
  await opened;
  const resolved = slack.next();
  alerts.observer.breaker?.({ route: 'anthropic/claude-opus-5-5', state: 'half-open' });
  alerts.observer.breaker?.({ route: 'anthropic/claude-opus-5-5', state: 'closed' });
  await clock.advance(60_000);
  await resolved;
  const messages = slack.bodies.map((body) => JSON.parse(body) as SlackMessage);
  assert.deepEqual(
    messages.map((message) => message.text),
    [
      'NEW: The circuit breaker of anthropic/claude-opus-5-5 is open',
      'RESOLVED: The circuit breaker of anthropic/claude-opus-5-5 is closed again',
    ],
  );
  for (const { blocks } of messages) {
    assert.ok(blocks.every(({ type, text: { type: form } }) => type === 'section' && form === 'mrkdwn'));
  }
  assert.equal(slack.heads[0]?.['content-type'], 'application/json');
});

test('a webhook is signed, and a repeated delivery can be told by its id', async (context) => {
  const hook = await receiver(context, 503);
  const config = { url: hook.url, secret: new Secret(whsec), allowPrivate: true };
  const { alerts, clock, reports } = await alert(context, { webhook: config });
  const first = hook.next();
  alerts.observer.breaker?.({ route: 'a/m', state: 'open' });
  await clock.advance(5_000);
  await first;
  const second = hook.next();
  // The backoff begins once the answer has been read, which is up to the sockets.
  while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(10_000);
  await second;
  const [head = {}, again = {}] = hook.heads;
  assert.equal(head['webhook-id'], again['webhook-id']);
  const event = new Verifier(whsec);
  // The library reads the machine's clock: what is compared is the signature.
  const signedAt = (headers: Record<string, string>) => new Date(Number(headers['webhook-timestamp']) * 1000);
  for (const [index, headers] of [head, again].entries()) {
    const body = hook.bodies[index] ?? '';
    assert.equal(event.sign(headers['webhook-id'] ?? '', signedAt(headers), body), headers['webhook-signature']);
  }
  assert.equal(hook.bodies[0], hook.bodies[1]);
  assert.deepEqual(reports, []);
});

test('an address on a private network is refused unless that is permitted, and reported without the address', async (context) => {
  const hook = await receiver(context);
  const { alerts, clock, reports } = await alert(context, {
    slack: { url: hook.url, secret: null, allowPrivate: false },
  });
  alerts.observer.breaker?.({ route: 'a/m', state: 'open' });
  await clock.advance(5_000);
  assert.equal(hook.bodies.length, 0);
  assert.deepEqual(reports, [
    'An alert by slack was given up, because its address is on a private network, which "allow_private: true" would permit: `ridethrough alerts test` tries it.',
  ]);
});

test('a spend limit is told, and ended by a success with the same key', async (context) => {
  const { alerts, clock } = await alert(context, {});
  const attempt = (failure: AttemptEvent['failure'], credential: string) =>
    alerts.observer.attempt?.({ upstream: 'anthropic', credential, failure, aborted: false } as AttemptEvent);
  attempt(null, 'k1');
  attempt('spend-limit', 'k1');
  await clock.advance(5_000);
  assert.deepEqual(
    alerts.open.map(({ kind, level }) => [kind, level]),
    [['spending', 'critical']],
  );
  attempt(null, 'k2');
  await clock.advance(600_000);
  assert.equal(alerts.open.length, 1, 'another key proves nothing');
  attempt(null, 'k1');
  await clock.advance(60_000);
  assert.equal(alerts.open.length, 0);
});

test('a new engine ends what its predecessor’s breakers had opened', async (context) => {
  const { alerts, clock } = await alert(context, {});
  alerts.observer.breaker?.({ route: 'a/m', state: 'open' });
  await clock.advance(5_000);
  assert.equal(alerts.open.length, 1);
  alerts.engineReplaced();
  await clock.advance(60_000);
  assert.equal(alerts.open.length, 0);
});

test('the age of a queue is looked at until it is closed, and a queue that cannot be asked says nothing', async (context) => {
  const { alerts, clock } = await alert(context, {});
  const ages: (number | Error | null)[] = [null, 7_200_000, new Error('locked'), 7_300_000];
  const ageMs = async () => {
    const age = ages.shift() ?? null;
    if (age instanceof Error) throw age;
    return age;
  };
  void alerts.watchQueue(ageMs, () => 3_600_000);
  await clock.advance(30_000);
  assert.equal(alerts.open.length, 0);
  await clock.advance(36_000);
  assert.equal(alerts.open[0]?.kind, 'queue');
  await clock.advance(200_000);
  assert.equal(alerts.open.length, 0);
  alerts.close();
  assert.equal(clock.pendingTimers, 0);
});

test('a model that a caller names reaches no terminal, mail or channel as a command, nor at any length', async (context) => {
  const written: string[] = [];
  const clock = new VirtualClock();
  const alerts = new Alerts({ clock, random: seededRandom(1), report: assert.fail });
  context.after(() => alerts.close());
  const terminal = { isTTY: false, write: (text: string) => written.push(text) };
  alerts.use(await createTargets({ ...nobody, bell: true }, { clock: systemClock, terminal }));
  const route = `a/\x1b[2J\r\nBcc: x@example.com\u202e${'m'.repeat(100_000)}`;
  alerts.observer.breaker?.({ route, state: 'open' });
  await clock.advance(5_000);
  assert.equal(written.length, 1);
  assert.match(written[0] ?? '', /^[^\p{Cc}\p{Cf}]{1,300}\n$/u);
});

test('what a target has not taken when the configuration is loaded anew goes to its successor', async (context) => {
  const slack = await receiver(context, 503);
  const { alerts, clock } = await alert(context, { slack: { url: slack.url, secret: null, allowPrivate: true } });
  const first = slack.next();
  alerts.observer.breaker?.({ route: 'a/m', state: 'open' });
  await clock.advance(5_000);
  await first;
  const second = slack.next();
  const slackAgain = { url: slack.url, secret: null, allowPrivate: true };
  alerts.use(await createTargets({ ...nobody, slack: slackAgain }, { clock: systemClock, terminal: process.stderr }));
  await second;
  assert.equal(slack.bodies[0], slack.bodies[1]);
});
