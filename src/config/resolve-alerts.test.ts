import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './load.ts';

const env = {
  HOOK: 'https://hooks.example.com/very-secret-path',
  SECRET: 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=',
  WORDS: 'no address at all, but secret',
  PAGE: 'abcdefghijklmnop',
  SHORT: 'abc',
  USER: 'mailer',
  PASS: 'hunter2',
};
const load = (yaml: string) => parseConfig(yaml, 'test.yaml', { env, upstream: null });

test('without configuration the page is watched where it concerns the upstream, and nobody is alerted', () => {
  const { status, alerts } = load('');
  assert.equal(status.page, 'auto');
  assert.deepEqual(status.urls, ['https://status.claude.com', 'https://anthropic.statuspage.io']);
  assert.equal(status.webhookSecret, null);
  assert.deepEqual(alerts, { webhook: null, slack: null, email: null, bell: false, queueAge: 3_600 });
});

test('secrets come from the variables that the file names, and cannot be printed', () => {
  const config = load(`
status: {webhook_secret_env: PAGE}
alerts:
  webhook: {url_env: HOOK, secret_env: SECRET}
  slack: {url_env: HOOK, allow_private: true}
  email: {host: mail.example.com, user_env: USER, password_env: PASS, from: a@example.com, to: [b@example.com]}
`);
  const { webhook, slack, email } = config.alerts;
  assert.equal(webhook?.url.reveal(), env.HOOK);
  assert.equal(slack?.allowPrivate, true);
  assert.equal(email?.port, 587);
  assert.equal(email?.password?.reveal(), 'hunter2');
  assert.equal(config.status.webhookSecret?.reveal(), 'abcdefghijklmnop');
  const printed = JSON.stringify(config);
  for (const value of Object.values(env)) assert.ok(!printed.includes(value));
});

const wrong: ReadonlyArray<readonly [string, string, RegExp]> = [
  ['a variable that is not set', 'alerts: {slack: {url_env: NOWHERE}}', /alerts\.slack\.url_env.*NOWHERE.*not set/],
  ['a variable that holds no URL', 'alerts: {slack: {url_env: WORDS}}', /alerts\.slack\.url_env.*http or https URL/],
  ['a secret path that can be guessed', 'status: {webhook_secret_env: SHORT}', /16 to 200 letters/],
  ['an interval that is a burden', 'status: {interval: 1}', /status\.interval.*10 or more/],
  ['an address of the page that is none', 'status: {urls: [status.claude.com]}', /status\.urls.*URL/],
  ['a user without a password', 'alerts: {email: {host: h, from: a@b, to: [a@b], user_env: USER}}', /go together/],
  ['mail to nobody', 'alerts: {email: {host: h, from: a@b, to: []}}', /alerts\.email\.to/],
  [
    'an address with a line end',
    'alerts: {email: {host: h, from: "a@b\\nbcc: c@d", to: [a@b]}}',
    /alerts\.email\.from/,
  ],
  ['a key that is not known', 'alerts: {slak: {}}', /did you mean "alerts\.slack"/],
];
for (const [name, yaml, message] of wrong) {
  test(`${name} is refused in a sentence that quotes no value`, () => {
    assert.throws(
      () => load(yaml),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes(env.WORDS));
        return true;
      },
    );
  });
}
