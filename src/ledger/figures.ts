import { type Figure, plainFigure } from '../core/figure.ts';
import type { Recorder } from './recorder.ts';

/** How the ledger fares, for Prometheus. */
export function ledgerFigures(recorder: Recorder): Figure[] {
  return [
    plainFigure(
      'counter',
      'ledger_rows_written_total',
      'Rows of calls and attempts written.',
      () => recorder.writtenRows,
    ),
    {
      name: 'ledger_rows_dropped_total',
      kind: 'counter',
      labels: ['kind'],
      help: 'Rows left out of the ledger, because more came than could be written.',
      read: () => Object.entries(recorder.dropped).map(([kind, value]) => ({ labels: { kind }, value })),
    },
    plainFigure('gauge', 'ledger_rows_waiting', 'Rows that wait to be written.', () => recorder.waitingRows),
    plainFigure('counter', 'ledger_write_failures_total', 'Writes that the store refused.', () => recorder.failures),
    plainFigure('gauge', 'ledger_failing', '1 while the ledger cannot be written.', () => Number(recorder.failing)),
  ];
}
