import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../core/clock.ts';
import { TimeSlice } from '../core/time-slice.ts';
import { readCreation } from './creation-body.ts';

test('a batch of many requests is read in slices, so that everybody else is served meanwhile', async () => {
  // A clock on which each look takes a millisecond.
  let nowMs = 0;
  let waits = 0;
  const clock: Clock = {
    now: () => nowMs++,
    after: (_delayMs, callback) => {
      waits++;
      queueMicrotask(callback);
      return {};
    },
    cancel: () => {},
  };
  const params = { model: 'm', max_tokens: 1, messages: [] };
  const requests = Array.from({ length: 1_000 }, (_, index) => ({ custom_id: `id-${index}`, params }));
  const read = await readCreation(Buffer.from(JSON.stringify({ requests })), new TimeSlice(clock));
  assert.equal('requests' in read && read.requests.length, 1_000);
  assert.ok(waits >= 40, `${waits} waits`);
});
