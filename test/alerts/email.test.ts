import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Notice } from '../../src/alerts/alert.ts';
import { DeliveryError } from '../../src/alerts/courier.ts';
import { emailTarget, smtpOptions } from '../../src/alerts/email.ts';
import { mailMsMax } from '../../src/alerts/limits.ts';
import type { EmailConfig } from '../../src/config/config.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Secret } from '../../src/core/secret.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const base: EmailConfig = {
  ...{ host: '127.0.0.1', port: 587, user: null, password: null },
  ...{ from: 'gateway@example.com', to: ['oncall@example.com', 'lead@example.com'] },
};
/** A certificate that nobody trusts, and its key. */
const pem = readFileSync(new URL('../fixtures/self-signed.pem', import.meta.url), 'utf8');
const notice: Notice = {
  id: 'alert_abc',
  atMs: Date.UTC(2026, 0, 1, 12),
  lines: [
    {
      ...{ kind: 'health', subject: 'a', level: 'critical', state: 'down', title: 'anthropic/claude-opus-5-5 is down' },
      ...{
        text: '41 of 50 attempts failed – mostly "overloaded".',
        link: null,
        change: 'opened',
        sinceMs: Date.UTC(2026, 0, 1),
      },
    },
  ],
  omitted: 0,
};

/** A mail server on this machine, and what it was handed. */
async function mailServer(context: TestContext, options: SMTPServerOptions = {}) {
  const mails: { from: string; to: string[]; user: unknown; secure: boolean; text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    key: pem,
    cert: pem,
    async onData(stream, session, done) {
      const { mailFrom, rcptTo } = session.envelope;
      const from = mailFrom === false ? '' : mailFrom.address;
      const to = rcptTo.map(({ address }) => address);
      mails.push({ from, to, user: session.user, secure: session.secure, text: await text(stream) });
      done();
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => new Promise<void>((resolve) => server.close(resolve)));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

async function send(context: TestContext, config: EmailConfig): Promise<void> {
  const target = emailTarget(config, systemClock);
  context.after(() => target.close());
  await target.send(notice);
}

test('mail reaches everybody, says what happened, and is marked as automatic', async (context) => {
  const { port, mails } = await mailServer(context);
  await send(context, { ...base, port });
  assert.equal(mails.length, 1);
  const [mail] = mails;
  assert.equal(mail?.from, 'gateway@example.com');
  assert.deepEqual(mail?.to, ['oncall@example.com', 'lead@example.com']);
  assert.match(mail?.text ?? '', /^Subject: \[ridethrough\] NEW: anthropic\/claude-opus-5-5 is down\r$/m);
  assert.match(mail?.text ?? '', /^Auto-Submitted: auto-generated\r$/m);
  assert.match(mail?.text ?? '', /^Message-ID: <alert_abc@ridethrough>\r$/m);
  assert.match(mail?.text ?? '', /41 of 50 attempts failed/);
  assert.match(mail?.text ?? '', /Since 2026-01-01 00:00 UTC/);
});

test('user and password are shown to a server that asks for them', async (context) => {
  const { port, mails } = await mailServer(context, {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      if (username === 'mailer' && password === 'right') done(null, { user: username });
      else done(new Error('Invalid username or password'));
    },
  });
  await send(context, { ...base, port, user: new Secret('mailer'), password: new Secret('right') });
  assert.equal(mails[0]?.user, 'mailer');
  const wrong = { ...base, port, user: new Secret('mailer'), password: new Secret('wr0ng-secret') };
  await assert.rejects(send(context, wrong), (error: DeliveryError) => {
    assert.equal(error.message, 'the mail server refused the user or the password');
    assert.equal(error.permanent, true);
    assert.ok(!String(error.stack).includes('wr0ng-secret'));
    return true;
  });
});

test('a recipient that is refused for good is not tried again, a busy server is', async (context) => {
  for (const [responseCode, permanent] of [
    [550, true],
    [451, false],
  ] as const) {
    const { port } = await mailServer(context, {
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no'), { responseCode })),
    });
    await assert.rejects(send(context, { ...base, port }), (error: DeliveryError) => {
      assert.ok(error instanceof DeliveryError);
      assert.equal(error.message, `the mail server answered ${responseCode}`);
      assert.equal(error.permanent, permanent);
      return true;
    });
  }
});

test('a server that is not there is told in words', async (context) => {
  const { port } = await mailServer(context);
  const gone = await mailServer(context, {
    onConnect: (_session, done) => done(Object.assign(new Error('busy'), { responseCode: 421 })),
  });
  await assert.rejects(send(context, { ...base, port: gone.port }), /the mail server (answered 421|was not reached)/);
  await assert.rejects(send(context, { ...base, host: '127.0.0.2', port }), /the mail server was not reached \(/);
});

test('off this machine there is no mail without TLS', () => {
  const flags = (host: string, port: number) => {
    const { secure, requireTLS, ignoreTLS } = smtpOptions({ ...base, host, port });
    return { secure, requireTLS, ignoreTLS };
  };
  assert.deepEqual(flags('mail.example.com', 587), { secure: false, requireTLS: true, ignoreTLS: false });
  assert.deepEqual(flags('mail.example.com', 25), { secure: false, requireTLS: true, ignoreTLS: false });
  assert.deepEqual(flags('mail.example.com', 465), { secure: true, requireTLS: false, ignoreTLS: false });
  assert.deepEqual(flags('127.0.0.1.example.com', 587), { secure: false, requireTLS: true, ignoreTLS: false });
  for (const host of ['localhost', '127.0.0.1', '::1']) {
    assert.deepEqual(flags(host, 2525), { secure: false, requireTLS: false, ignoreTLS: true });
  }
});

test('a server that offers no STARTTLS, or a certificate of its own making, gets no mail from elsewhere', async (context) => {
  // This name is one of this machine, and no loopback address to whoever goes by its text.
  const host = '0.0.0.0';
  const plain = await mailServer(context, { hideSTARTTLS: true });
  const selfSigned = await mailServer(context);
  for (const { port, mails } of [plain, selfSigned]) {
    await assert.rejects(send(context, { ...base, host, port }), /TLS|not reached/);
    assert.deepEqual(mails, []);
  }
});

test('a mail server that talks without end is left, and holds up no other alert', async (context) => {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.write('220 hello\r\n');
    // A line that says that there are more; the last one never comes.
    socket.on('data', () => socket.write('250-wait\r\n'));
  }).listen(0, '127.0.0.1');
  context.after(() => server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const clock = new VirtualClock();
  const target = emailTarget({ ...base, port: (server.address() as AddressInfo).port }, clock);
  const sent = assert.rejects(target.send(notice), DeliveryError);
  const [socket] = await accepted;
  const left = new Promise((resolve) => socket.once('close', resolve));
  await clock.advance(mailMsMax);
  await Promise.all([sent, left]);
});
