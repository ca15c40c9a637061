import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { sweepBytesMin, sweepMs, UploadWatch } from './upload-watch.ts';

const upload = () => ({ bytes: 0, bytesBefore: null, place: -1, hungry: true });

test('one byte now and then does not keep an upload alive, a slow but steady one lives', async () => {
  const clock = new VirtualClock(0);
  const watch = new UploadWatch(clock);
  const trickle = { ...upload(), starved: () => ended.push('trickle') };
  const steady = { ...upload(), starved: () => ended.push('steady') };
  const ended: string[] = [];
  watch.add(trickle);
  watch.add(steady);
  for (let second = 0; second < 600; second++) {
    await clock.advance(1000);
    trickle.bytes += 1;
    steady.bytes += Math.ceil(sweepBytesMin / (sweepMs / 1000));
  }
  assert.deepEqual(ended, ['trickle']);
  watch.delete(steady);
  await clock.advance(sweepMs);
  assert.equal(clock.pendingTimers, 0);
});

test('an upload that we hold back is not to blame, however long', async () => {
  const clock = new VirtualClock(0);
  const watch = new UploadWatch(clock);
  let ended = 0;
  const held = { ...upload(), hungry: false, starved: () => ended++ };
  watch.add(held);
  await clock.advance(100 * sweepMs);
  assert.equal(ended, 0);
  // Asked again, it gets a whole interval from the next look on.
  held.hungry = true;
  await clock.advance(sweepMs);
  assert.equal(ended, 0);
  await clock.advance(sweepMs);
  assert.equal(ended, 1);
});

test('no timer runs while nothing is uploaded, nor after the end', async () => {
  const clock = new VirtualClock(0);
  const watch = new UploadWatch(clock);
  assert.equal(clock.pendingTimers, 0);
  watch.add({ ...upload(), starved: () => assert.fail('the watch is closed') });
  assert.equal(clock.pendingTimers, 1);
  watch.close();
  assert.equal(clock.pendingTimers, 0);
});
