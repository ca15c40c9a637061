import type { AttemptEvent, CallEvent } from '../../src/core/events.ts';
import { Recorder } from '../../src/ledger/recorder.ts';
import type { Store } from '../../src/store/store.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { attemptEvent, callEvent } from '../fixtures/events.ts';

/** One call as a test wants it to stand in the ledger. */
export interface Told {
  readonly call?: Partial<CallEvent>;
  readonly attempts?: readonly Partial<AttemptEvent>[];
}

/** Writes calls with their attempts; `call-0`, `call-1`… where they name no id. */
export async function record(store: Store, told: readonly Told[]): Promise<void> {
  const recorder = new Recorder({ store, clock: new VirtualClock(), alarm: () => {} });
  for (const [index, { call = {}, attempts = [{}] }] of told.entries()) {
    const callId = call.callId ?? `call-${index}`;
    for (const [n, attempt] of attempts.entries()) {
      recorder.attempt(attemptEvent({ callId, index: n + 1, requestId: `req_${index}_${n + 1}`, ...attempt }));
    }
    recorder.call(callEvent({ callId, attempts: attempts.length, ...call }));
    // One by one, so that rows are numbered in this order.
    await recorder.flush();
  }
}
