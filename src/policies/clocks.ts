import { firstByteBytesPerSecond, firstByteMsMax, type Limits } from '../core/limits.ts';

/**
 * How long the first byte of a streamed answer is waited for (R3): a large prompt takes longer to read.
 * @returns milliseconds
 */
export function firstByteMs(bodyBytes: number, timeouts: Limits['timeouts']): number {
  return Math.min(timeouts.first_byte * 1000 + (bodyBytes / firstByteBytesPerSecond) * 1000, firstByteMsMax);
}
