import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../core/limits.ts';
import { patienceOf } from './deadline.ts';

const read = (seconds: string, total = seconds) => ({
  'x-stainless-read-timeout': seconds,
  'x-stainless-timeout': total,
});
const total = (seconds: string) => ({ 'x-stainless-timeout': seconds });

/** Seconds to the deadline, of hold and of ping. */
function patience(headers: Record<string, string>, stream: boolean, own: number | null = null): number[] {
  const { deadlineAtMs, holdMs, pingMs } = patienceOf(
    Object.entries(headers).flat(),
    stream,
    own,
    defaultLimits.timeouts,
    7_000,
  );
  return [deadlineAtMs - 7_000, holdMs, pingMs].map((ms) => ms / 1000);
}

const rows: [string, Record<string, string>, stream: boolean, own: number | null, seconds: number[]][] = [
  ['nothing is announced: the configured deadline', {}, true, null, [600, 25, 15]],
  ['ridethrough-deadline wins', total('100'), false, 42, [42, 25, 15]],
  ['ridethrough-deadline ends with the longest call', {}, false, 10_000, [1800, 25, 15]],
  ['T bounds the time to the head, less a twentieth', total('100'), false, null, [95, 25, 15]],
  ['T is a float, and its margin a second at least', total('10.5'), true, null, [9.5, 5.25, 15]],
  ['a T of a second keeps half of it', total('1'), true, null, [0.5, 0.5, 15]],
  ['R bounds only the silence of a stream', read('20'), true, null, [600, 10, 10]],
  ['R bounds an answer in one piece, less a tenth', read('20'), false, null, [18, 10, 10]],
  ['a long R leaves the ping as it is', read('600'), true, null, [600, 25, 15]],
  ['None, NaN and what is not positive count for nothing', { ...read('None', 'NaN') }, false, null, [600, 25, 15]],
  ['zero and less count for nothing', { ...read('0', '-3') }, false, null, [600, 25, 15]],
  ['a broken R leaves T in force', { ...read('None', '100') }, false, null, [95, 25, 15]],
];

for (const [name, headers, stream, own, seconds] of rows) {
  test(name, () => assert.deepEqual(patience(headers, stream, own), seconds));
}
