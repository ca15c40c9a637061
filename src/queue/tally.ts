import type { Figure } from '../core/figure.ts';
import { plainFigure } from '../core/figure.ts';

/** What this process has seen happen in the queue. */
export class Tally {
  kept = 0;
  full = 0;
  succeeded = 0;
  errored = 0;
  returned = 0;
  expired = 0;
  quarantined = 0;
  /** Attempts that may have been billed twice. */
  unsure = 0;
  /** Leases that ran out, of whichever gateway. */
  reaped = 0;
  running = 0;

  readonly figures: readonly Figure[] = [
    plainFigure('counter', 'queue_kept_total', 'Requests put into the queue', () => this.kept),
    plainFigure('counter', 'queue_full_total', 'Batches refused because a quota was reached', () => this.full),
    plainFigure('counter', 'queue_succeeded_total', 'Queued requests that were answered', () => this.succeeded),
    plainFigure('counter', 'queue_errored_total', 'Queued requests that ended with an error', () => this.errored),
    plainFigure('counter', 'queue_returned_total', 'Queued requests put back after a failure', () => this.returned),
    plainFigure('counter', 'queue_expired_total', 'Queued requests given up by age', () => this.expired),
    plainFigure('counter', 'queue_quarantined_total', 'Queued requests put into quarantine', () => this.quarantined),
    plainFigure(
      'counter',
      'queue_unsure_total',
      'Attempts of queued requests that may be billed twice',
      () => this.unsure,
    ),
    plainFigure('counter', 'queue_reaped_total', 'Leases that ran out', () => this.reaped),
    plainFigure('gauge', 'queue_running', 'Queued requests that this gateway is sending', () => this.running),
  ];
}
