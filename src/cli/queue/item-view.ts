import { explainItem, type ItemRecord } from '../../queue/office.ts';
import { paint } from '../output.ts';
import { type Column, tableLines } from '../table.ts';
import { type Colour, shortModel, shortTime, wrap } from '../text.ts';

/** As wide as a terminal is at least. */
const lineWidth = 80;

/** Together as wide as a line. */
const columns: readonly Column<ItemRecord>[] = [
  { head: 'since (UTC)', width: 14, cell: ({ createdAtMs }) => shortTime(iso(createdAtMs)) },
  { head: 'id', width: 20, cell: ({ id }) => id },
  { head: 'model', width: 10, cell: ({ model }) => shortModel(model) },
  { head: 'state', width: 11, cell: ({ state }) => state, paint: (item, cell) => paint(colourOf(item), cell) },
  { head: 'n', width: 2, right: true, cell: ({ attempts }) => String(attempts) },
  { head: 'last error', width: 13, cell: ({ lastError }) => lastError ?? '' },
];

/**
 * Items as a table that fits 80 columns; `n` is the number of attempts.
 * @param isAll false: only some were asked for
 */
export function itemLines(items: readonly ItemRecord[], isAll = true): string[] {
  if (items.length > 0) return tableLines(columns, items);
  return [isAll ? 'The queue is empty.' : 'No such request is in the queue.'];
}

/** One item, with the reason why it is where it is. */
export function itemDetails(item: ItemRecord): string[] {
  const rows: [string, string][] = [
    ['id', item.id],
    ['batch', item.batch],
    ['custom_id', item.customId],
    ['model', item.model],
    ['state', item.state],
    ['caller', item.scope],
    ['sent with', item.credential],
    ['bytes', String(item.bytes)],
    ['since', iso(item.createdAtMs)],
    ['expires', iso(item.expiresAtMs)],
    [
      'attempts',
      item.unsure === 0 ? String(item.attempts) : `${item.attempts}, ${item.unsure} of them perhaps billed in vain`,
    ],
  ];
  return [...rows.map(([name, value]) => `${name.padEnd(10)} ${value}`), '', ...wrap(explainItem(item), lineWidth)];
}

/** As `--json` prints it. */
export function itemJson(item: ItemRecord): object {
  return { ...item, why: explainItem(item) };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function colourOf({ state }: ItemRecord): Colour {
  if (state === 'succeeded') return 'green';
  if (state === 'errored' || state === 'quarantined' || state === 'expired') return 'red';
  return state === 'canceled' ? 'dim' : 'yellow';
}
