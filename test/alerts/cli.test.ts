import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { runCli } from '../e2e/cli-process.ts';

/** A file with these alerts, deleted after the test. */
function configFile(context: TestContext, yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-alerts-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ridethrough.yaml'), yaml);
  return join(folder, 'ridethrough.yaml');
}

async function slackServer(context: TestContext, status: number) {
  const texts: string[] = [];
  const server = createServer(async (request, response) => {
    texts.push((JSON.parse(await text(request)) as { text: string }).text);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  return { texts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/very/secret` };
}

async function mailServer(context: TestContext) {
  const subjects: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    hideSTARTTLS: true,
    async onData(stream, _session, done) {
      subjects.push(/^Subject: (.*)\r$/m.exec(await text(stream))?.[1] ?? '');
      done();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => new Promise<void>((resolve) => server.close(resolve)));
  return { subjects, port: (server.server.address() as AddressInfo).port };
}

test('alerts test sends one of each kind to each target, and says what happened', async (context) => {
  const slack = await slackServer(context, 200);
  const mail = await mailServer(context);
  const config = configFile(
    context,
    `alerts:\n  slack: {url_env: SLACK, allow_private: true}\n  email: {host: 127.0.0.1, port: ${mail.port}, from: a@example.com, to: [b@example.com]}\n  bell: true\n`,
  );
  const { status, stdout, stderr } = await runCli(['alerts', 'test', '--config', config], {
    env: { SLACK: slack.url },
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/ \(\d+ ms\)$/, '')),
    ['slack', 'email', 'bell'].flatMap((target) =>
      ['opened', 'updated', 'resolved'].map((message) => `${target.padEnd(8)} ${message.padEnd(8)} delivered`),
    ),
  );
  assert.deepEqual(slack.texts, [
    'NEW: anthropic/example-model is down (and 4 more)',
    'UPDATE: Incident investigating: an example',
    'RESOLVED: anthropic/example-model is healthy again (and 4 more)',
  ]);
  assert.equal(mail.subjects.length, 3);
  assert.match(mail.subjects[0] ?? '', /^\[ridethrough\] NEW: anthropic\/example-model is down/);
  assert.match(stderr, /^ridethrough: NEW: /m);
});

test('alerts test fails where a target refuses, and shows no address', async (context) => {
  const slack = await slackServer(context, 404);
  const config = configFile(context, 'alerts:\n  slack: {url_env: SLACK, allow_private: true}\n');
  const { status, stdout, stderr } = await runCli(['alerts', 'test', '--json', '--config', config], {
    env: { SLACK: slack.url },
  });
  assert.equal(status, 1);
  const deliveries = JSON.parse(stdout) as { delivered: boolean; reason: string }[];
  assert.deepEqual(
    deliveries.map(({ delivered, reason }) => [delivered, reason]),
    Array(3).fill([false, 'it answered 404']),
  );
  assert.match(stderr, /3 of 3 messages were not delivered/);
  assert.ok(!(stdout + stderr).includes('secret'));
});

test('alerts test without a target says what to do', async (context) => {
  const { status, stderr } = await runCli(['alerts', 'test', '--config', configFile(context, '')]);
  assert.equal(status, 2);
  assert.match(stderr, /^ridethrough: Nobody is to be alerted: name a target under "alerts" in the configuration\.\n$/);
});
