import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from '../../ledger/record.ts';
import { listLines } from './list-view.ts';

const call: CallRecord = {
  id: 'mwt6yzplnpil6kpzyese',
  at: '2026-11-23T11:37:54.250Z',
  total_ms: 1_100,
  endpoint: 'messages',
  model: 'claude-sonnet-5-5',
  stream: false,
  priority: 'default',
  caller: 'd535d29521a63f30',
  client: null,
  client_retries: null,
  result: 'whole',
  status: 200,
  request_id: null,
  error_class: null,
  error_type: null,
  error_code: null,
  queued: false,
  attempts: 1,
  recovered: [],
  route: 'anthropic/claude-sonnet-5-5',
};

test('the id of a call that the queue sent is shown whole, so that it can be asked for', () => {
  const sent = { ...call, id: `${call.id}.12` };
  const [head = '', ...lines] = listLines([sent, call]);
  assert.deepEqual(
    lines.map((line) => line.split(/ {2,}/)[1]),
    [sent.id, call.id],
  );
  for (const line of lines) assert.equal(line.indexOf('sonnet-5-5'), head.indexOf('model'));
});

test('where no id is longer than usual the list fits 80 columns', () => {
  for (const line of listLines([call])) assert.ok(line.length < 80, line);
});
