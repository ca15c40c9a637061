import { paint } from '../output.ts';
import type { Tally } from './tally.ts';

const labelWidth = 34;
const columnWidth = 20;

function row(label: string, cells: readonly string[]): string {
  return `${label.padEnd(labelWidth)}${cells.map((cell) => cell.padStart(columnWidth)).join('')}`;
}

const seconds = (durationMs: number) => `${(durationMs / 1000).toFixed(2)} s`;
const share = (part: number, whole: number) => `${part} (${((100 * part) / whole).toFixed(1)} %)`;

/** Rows for counts by name: each name once, in the order of the lanes, a dash where a lane has none. */
function countRows(tallies: readonly Tally[], pick: (one: Tally) => Tally['failed'], prefix: string): string[] {
  const names = new Set(tallies.flatMap((one) => pick(one).map(([name]) => name)));
  return [...names].map((name) => {
    const cells = tallies.map((one) => pick(one).find(([other]) => other === name)?.[1]);
    return row(
      `${prefix}${name}`,
      cells.map((count) => (count === undefined ? '-' : String(count))),
    );
  });
}

/** The table of the lanes side by side, as lines of text. */
export function report(tallies: readonly Tally[]): string {
  const each = (label: string, cell: (one: Tally) => string) => row(label, tallies.map(cell));
  const wholeCells = tallies.map((one) => {
    const cell = share(one.whole, one.calls).padStart(columnWidth);
    return paint(one.whole === one.calls ? 'green' : 'red', cell);
  });
  return [
    paint(
      'bold',
      each('', (one) => one.lane),
    ),
    each('calls', (one) => String(one.calls)),
    `${'whole answers'.padEnd(labelWidth)}${wholeCells.join('')}`,
    each('hung until the demo gave up', (one) => String(one.hung)),
    each('failed', (one) => String(one.calls - one.whole - one.hung)),
    ...countRows(tallies, (one) => one.failed, '  '),
    ...countRows(tallies, (one) => one.recovered, 'saved by '),
    each('requests to the API', (one) => String(one.attempts)),
    each('  of them met by a fault', (one) => share(one.faulted, one.attempts)),
    each('    in the middle of the answer', (one) => String(one.midStream)),
    each('  for each call', (one) => (one.attempts / one.calls).toFixed(2)),
    each('time to the end, median', (one) => seconds(one.p50Ms)),
    each('time to the end, 99 of 100 within', (one) => seconds(one.p99Ms)),
    each('time to the end, slowest', (one) => seconds(one.slowestMs)),
  ].join('\n');
}
