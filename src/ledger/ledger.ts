import type { Clock } from '../core/clock.ts';
import type { OwnEndpoint } from '../core/endpoint.ts';
import type { Observer } from '../core/events.ts';
import type { Figure } from '../core/figure.ts';
import type { Store } from '../store/store.ts';
import { ledgerEndpoints } from './endpoints.ts';
import { ledgerFigures } from './figures.ts';
import { Recorder } from './recorder.ts';
import { type Retention, Retirement } from './retirement.ts';

export interface LedgerOptions {
  /** With its schema up to date. Closed by whoever opened it, after the ledger. */
  readonly store: Store;
  readonly clock: Clock;
  readonly retention: Retention;
  /** Told in a sentence for people when the ledger cannot be written, and when it can again. */
  readonly alarm: (sentence: string) => void;
}

/** The record of what became of calls and attempts, as a part of a gateway that runs. */
export interface Ledger {
  readonly observers: readonly Observer[];
  readonly endpoints: readonly OwnEndpoint[];
  readonly figures: readonly Figure[];
  /** Another retention is in force. */
  retain(retention: Retention): void;
  /** Resolves when everything told so far can be read. */
  flush(): Promise<void>;
  /** Writes what waits, within five seconds. */
  close(): Promise<void>;
}

/** Begins to record, and to forget what is old. */
export function openLedger({ store, clock, retention, alarm }: LedgerOptions): Ledger {
  const recorder = new Recorder({ store, clock, alarm });
  const retirement = new Retirement(store, clock, retention);
  retirement.start();
  return {
    observers: [recorder],
    endpoints: ledgerEndpoints(store, clock),
    figures: ledgerFigures(recorder),
    retain: (next) => {
      retirement.retention = next;
    },
    flush: () => recorder.flush(),
    async close() {
      retirement.stop();
      await recorder.close();
    },
  };
}
