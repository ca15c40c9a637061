import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertLine, Notice } from './alert.ts';
import { bellTarget } from './bell.ts';
import { charactersMax, linesShownMax } from './limits.ts';
import { slackMessage } from './slack.ts';
import { webhookBody } from './webhook.ts';
import { headline, plainText } from './words.ts';

const line = (change: AlertLine['change'], title: string, extra: Partial<AlertLine> = {}): AlertLine => ({
  ...{ kind: 'health', subject: title, level: 'critical', state: 'down', title, text: '', link: null },
  ...{ change, sinceMs: Date.UTC(2026, 0, 1, 12) },
  ...extra,
});
const notice = (...lines: AlertLine[]): Notice => ({
  id: 'alert_1',
  atMs: Date.UTC(2026, 0, 1, 12, 5),
  lines,
  omitted: 0,
});

test('a notice is one line, and so many more', () => {
  assert.equal(headline(notice(line('opened', 'a is down'))), 'NEW: a is down');
  assert.equal(
    headline(notice(line('resolved', 'a is well'), line('updated', 'b'))),
    'RESOLVED: a is well (and 1 more)',
  );
});

test('mail says what, since when, where to read on, and what it leaves out', () => {
  const link = 'https://status.claude.com/incidents/x';
  const many = Array.from({ length: linesShownMax + 2 }, (_, i) => line('opened', `m${i}`));
  assert.equal(
    plainText(notice(line('opened', 'a is down', { text: '41 of 50 attempts failed.', link }), line('resolved', 'b'))),
    `NEW: a is down\n41 of 50 attempts failed. Since 2026-01-01 12:00 UTC.\n${link}\n\nRESOLVED: b\nSince 2026-01-01 12:00 UTC.\n`,
  );
  assert.match(
    plainText({ ...notice(...many), omitted: 3 }),
    /\n\nAnd 5 more: `ridethrough status` shows them all\.\n$/,
  );
});

test('Slack gets a message within its limits, in which nothing of ours is a command', () => {
  const hostile = line('opened', '<!channel> & <https://evil.example|click>', { text: 'x'.repeat(charactersMax.text) });
  const message = slackMessage(notice(...Array.from({ length: 150 }, () => hostile)));
  assert.ok(message.blocks.length <= 50);
  for (const { text } of message.blocks) assert.ok(text.text.length <= 3_000);
  assert.ok(JSON.stringify(message).length < 13_000, 'beyond some 13,000 characters Slack answers msg_blocks_too_long');
  assert.ok(message.text.length <= 4_000);
  assert.ok(!JSON.stringify(message).includes('<!channel>'));
  assert.match(message.blocks[0]?.text.text ?? '', /\*NEW: &lt;!channel&gt; &amp; &lt;https/);
  assert.match(message.blocks.at(-1)?.text.text ?? '', /And 140 more/);
});

test('a webhook gets everything, as JSON', () => {
  assert.deepEqual(JSON.parse(webhookBody({ ...notice(line('opened', 'a is down')), omitted: 2 })), {
    type: 'ridethrough.alert',
    id: 'alert_1',
    timestamp: '2026-01-01T12:05:00.000Z',
    alerts: [
      {
        ...{ change: 'opened', kind: 'health', subject: 'a is down', level: 'critical', title: 'a is down', text: '' },
        ...{ link: null, since: '2026-01-01T12:00:00.000Z' },
      },
    ],
    omitted: 2,
  });
});

test('the bell rings on a terminal only', async () => {
  for (const isTTY of [true, false]) {
    const written: string[] = [];
    await bellTarget({ isTTY, write: (text) => written.push(text) }).send(notice(line('opened', 'a is down')));
    assert.deepEqual(written, [`${isTTY ? '\u0007' : ''}ridethrough: NEW: a is down\n`]);
  }
});
