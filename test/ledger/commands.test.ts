import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { openStore } from '../../src/store/open.ts';
import { runCli } from '../e2e/cli-process.ts';
import { record } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'ridethrough-ledger-'));
const data = join(folder, 'data');
const atMs = systemClock.now() - 60_000;
const ledger = (...words: string[]) => runCli(['ledger', ...words, '--data', data]);

before(async () => {
  const store = await openStore({ data, database: null, clock: systemClock });
  await record(store, [
    { call: { receivedAtMs: atMs - 86_400_000 }, attempts: [{ startedAtMs: atMs - 86_400_000 }] },
    {
      call: { receivedAtMs: atMs, recovered: ['retry'], model: 'claude-sonnet-5-5', totalMs: 2_345 },
      attempts: [
        {
          ...{ startedAtMs: atMs, failure: 'overload', status: 529, requestId: 'req_first', bodyRequestId: 'req_body' },
          error: { type: 'overloaded_error', code: null, action: 'retry', waitMs: 2000 },
          ...{ released: false, tokens: () => null },
        },
        { startedAtMs: atMs + 2_000, reason: 'retry' },
      ],
    },
    {
      call: {
        ...{ receivedAtMs: atMs + 1, result: 'failed', status: 400, model: '=1+1' },
        error: { class: 'request', type: 'invalid_request_error', code: null },
      },
      attempts: [],
    },
  ]);
  await store.close();
});
after(() => rmSync(folder, { recursive: true }));

test('list shows what is wanted in 80 columns, without colours on a pipe, and as JSON', async () => {
  const { status, stdout } = await ledger('list', '--since', '1h');
  assert.equal(status, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^time \(UTC\) +id +model +http +result +n +took$/);
  assert.deepEqual(
    lines.slice(1).map((line) => line.split(/ {2,}/).slice(1)),
    [
      ['call-2', '=1+1', '400', 'request', '0', '0.9 s'],
      ['call-1', 'sonnet-5-5', '200', 'recovered', '2', '2.3 s'],
    ],
  );
  for (const line of lines) assert.ok(line.length <= 80 && !line.includes('\u001b'), line);
  const json = JSON.parse((await ledger('list', '--result', 'recovered', '--json')).stdout);
  assert.deepEqual(
    json.calls.map((call: { id: string }) => call.id),
    ['call-1'],
  );
});

test('list says when there is more, and when there is nothing', async () => {
  assert.match((await ledger('list', '--limit', '1')).stderr, /^There are more; --limit /);
  assert.equal((await ledger('list', '--model', 'claude-nobody')).stdout, 'No such call is in the ledger.\n');
});

test('show tells a call and its attempts, by any id', async () => {
  const { status, stdout } = await ledger('show', 'req_body');
  assert.equal(status, 0);
  assert.match(stdout, /^Call call-1 {2}.* UTC {2}whole, by retry$/m);
  assert.match(stdout, /^ {2}1\. \+0 ms {2}first {2}anthropic\/claude-opus-5-5 {2}overload$/m);
  assert.match(stdout, /status 529, overloaded_error, the server asked to wait 2\.0 s$/m);
  assert.match(stdout, /request-id req_first; its body says req_body$/m);
  assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  const { call, attempts } = JSON.parse((await ledger('show', 'call-1', '--json')).stdout);
  assert.deepEqual([call.id, attempts.length], ['call-1', 2]);
  const missing = await ledger('show', 'req_nobody');
  assert.deepEqual([missing.status, missing.stdout], [1, '']);
  assert.match(missing.stderr, /^ridethrough: the ledger has no call with the id req_nobody;/);
});

test('export writes a line of JSON a call, or a line of CSV an attempt that no spreadsheet takes for a formula', async () => {
  const { stdout, stderr } = await ledger('export', '--since', '1h');
  const calls = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    calls.map(({ id, attempts }) => [id, attempts.length]),
    [
      ['call-2', 0],
      ['call-1', 2],
    ],
  );
  assert.equal(stderr, '2 calls exported.\n');
  assert.equal((await ledger('export', '--request-id', 'call-1')).stderr, '1 call exported.\n');
  const file = join(folder, 'calls.csv');
  assert.equal((await ledger('export', '--format', 'csv', '--out', file)).status, 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.equal(rows.length, 1 + 1 + 2 + 1);
  assert.match(rows[0] ?? '', /^call_id,call_at,.*,n,at,reason,upstream,/);
  assert.match(rows[1] ?? '', /^call-2,[^,]*,900,messages,'=1\+1,/);
  assert.equal(new Set(rows.map((row) => row.split(',').length)).size, 1, 'every line has every column');
  const again = await ledger('export', '--out', file);
  assert.equal(again.status, 2);
  assert.match(again.stderr, /cannot be made \(EEXIST\): name one that is not there yet/);
});

test('a backup is a whole database of its own', async () => {
  const copy = join(folder, 'copy', 'ridethrough.db');
  assert.equal((await ledger('export', '--backup', copy)).status, 2, 'its folder is not there');
  assert.equal((await ledger('export', '--backup', join(folder, 'ridethrough.db'))).status, 0);
  const { stdout } = await runCli(['ledger', 'list', '--json', '--data', folder]);
  assert.equal(JSON.parse(stdout).calls.length, 3);
});

test('a support bundle is Markdown, or JSON', async () => {
  const { stdout } = await ledger('export', '--support', '1h');
  assert.match(stdout, /^# Failed requests\n/);
  assert.match(stdout, /^- failed attempts at the API: 1$/m, 'one is not "1 failed attempts"');
  assert.match(stdout, /req_first req_body \| claude-opus-5-5 \| 529 \| overloaded_error/);
  assert.equal(JSON.parse((await ledger('export', '--support', '1h', '--json')).stdout).failedAttempts, 1);
});

test('cost tells what was lost, and that nothing was', async () => {
  const { stdout } = await ledger('cost');
  assert.match(stdout, /^\d{4}-\d\d-\d\d {2}opus-5-5 +overload +1 +0 +0 +0\.0000$/m);
  assert.match(stdout, /^USD 0\.0000 in all, at list prices of \d{4}-\d\d-\d\d\.$/m);
  assert.match((await ledger('cost', '--until', '2020-01-01', '--since', '2019-01-01')).stdout, /^No attempt was lost/);
  assert.ok(Array.isArray(JSON.parse((await ledger('cost', '--json')).stdout).costs));
});

test('wrong use is told in a sentence, with status 2, and makes no folder', async () => {
  const nowhere = join(folder, 'nowhere');
  const cases: [string[], RegExp][] = [
    [['list', '--since', 'soon'], /"since" wants a time ago such as 30m/],
    [['export', '--format', 'xml'], /--format wants jsonl or csv, not "xml"\./],
    [['show'], /wants ID/],
    [['list', '--data', nowhere], /Nothing has been recorded in .* yet: run `ridethrough serve`, or name its folder/],
    [['list', '--database', 'mysql://x'], /^ridethrough: .*\n$/],
  ];
  for (const [words, message] of cases) {
    const { status, stderr } = await runCli(['ledger', ...words]);
    assert.deepEqual([status, message.test(stderr)], [2, true], `${words.join(' ')}: ${stderr}`);
  }
  assert.equal(existsSync(nowhere), false);
});

test('a data folder that was named must be usable; without the default one callers are served all the same', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const named = await runCli(['serve', '--port', '0', '--data', file]);
  assert.equal(named.status, 2);
  assert.match(named.stderr, /^ridethrough: The data folder .* cannot be made \(EEXIST\): a file is in the way/);
  const ran = await runCli(['run', '--', process.execPath, '-e', 'console.log("served")'], {
    env: { XDG_DATA_HOME: file, LOCALAPPDATA: file },
  });
  assert.deepEqual([ran.status, ran.stdout], [0, 'served\n']);
  assert.match(ran.stderr, /^ridethrough: The data folder .* Calls are served, but nothing is recorded or queued\.\n$/);
});
