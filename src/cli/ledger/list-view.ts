import { took } from '../../core/duration.ts';
import type { CallRecord } from '../../ledger/record.ts';
import { paint } from '../output.ts';
import { type Column, tableLines } from '../table.ts';
import { type Colour, shortModel, shortTime } from '../text.ts';

/** A `ridethrough-id`; a call that the queue sent has the number of its lease behind it. */
const idWidth = 20;

/** Together 79 characters wide, and more only where an id is longer: `ledger show` and `explain` want the whole of it. */
const columnsFor = (calls: readonly CallRecord[]): readonly Column<CallRecord>[] => [
  { head: 'time (UTC)', width: 14, cell: ({ at }) => shortTime(at) },
  { head: 'id', width: Math.max(idWidth, ...calls.map(({ id }) => id.length)), cell: ({ id }) => id },
  { head: 'model', width: 10, cell: ({ model, endpoint }) => (model === null ? endpoint : shortModel(model)) },
  { head: 'http', width: 4, right: true, cell: ({ status }) => String(status ?? '-') },
  { head: 'result', width: 11, cell: outcomeOf, paint: (call, cell) => paint(colourOf(call), cell) },
  { head: 'n', width: 2, right: true, cell: ({ attempts }) => String(attempts) },
  { head: 'took', width: 6, right: true, cell: ({ total_ms }) => took(total_ms) },
];

/** Calls as a table that fits 80 columns unless ids are longer than most; `n` is the number of attempts. */
export function listLines(calls: readonly CallRecord[]): string[] {
  return calls.length === 0 ? ['No such call is in the ledger.'] : tableLines(columnsFor(calls), calls);
}

function outcomeOf(call: CallRecord): string {
  if (call.queued) return 'queued';
  if (call.result === 'failed') return call.error_class ?? 'failed';
  return call.result === 'whole' && call.recovered.length > 0 ? 'recovered' : call.result;
}

function colourOf({ result, recovered }: CallRecord): Colour {
  if (result === 'failed' || result === 'lost') return 'red';
  if (result === 'aborted') return 'dim';
  return recovered.length > 0 ? 'yellow' : 'green';
}
