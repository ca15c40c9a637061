import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../core/clock.ts';
import { TimeSlice } from '../core/time-slice.ts';
import { putStatements } from './put.ts';
import { Vault } from './vault.ts';

const vault = new Vault(new Uint8Array(32));

function batchOf(count: number, bytes: number) {
  const body = new Uint8Array(bytes);
  const items = Array.from({ length: count }, (_, index) => {
    const id = `id-${index}`;
    return { id, customId: id, path: '/v1/messages', headers: [], body, model: 'm', priority: 'batch' as const };
  });
  return { id: 'msgbatch_rt_1', scope: 'local', credential: 'none', expiresInMs: 1_000, items };
}

/** A clock on which each look takes a millisecond. */
function slowClock() {
  let nowMs = 0;
  const clock = {
    waits: 0,
    now: () => nowMs++,
    after(_delayMs: number, callback: () => void) {
      clock.waits++;
      queueMicrotask(callback);
      return {};
    },
    cancel: () => {},
  } satisfies Clock & { waits: number };
  return clock;
}

test('a few hundred large items do not keep everybody else waiting until the last of them is sealed', async () => {
  const clock = slowClock();
  await putStatements(vault, batchOf(500, 10), new TimeSlice(clock));
  assert.ok(clock.waits >= 20, `${clock.waits} waits`);
});

test('large items do not all stand in one statement, of which the database would hold a second copy', async () => {
  const mebibyte = 2 ** 20;
  const [, ...inserts] = await putStatements(vault, batchOf(9, 2 * mebibyte), new TimeSlice(slowClock()));
  const ids = inserts.flatMap(({ values }) => values.filter((value) => /^id-\d+$/.test(String(value))));
  assert.deepEqual(
    ids,
    batchOf(9, 0).items.flatMap(({ id }) => [id, id]),
  );
  for (const { values } of inserts) {
    const bytes = values.reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 0), 0);
    assert.ok(bytes <= 4.5 * mebibyte, `${bytes} bytes`);
  }
});
