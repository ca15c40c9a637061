import { type Call, type Priority, priorities } from '../core/call.ts';
import { waiterBytesMax, waitersMax } from '../core/limits.ts';

/** Somebody in the room: told when the place is needed for a dearer call. */
export interface Guest {
  readonly call: Call;
  readonly settled: boolean;
  shed(): void;
}

/** Those of one priority, those who came last at the end; some of them may have left. */
interface Row {
  guests: Guest[];
  count: number;
  bytes: number;
}

/** First to be shed stands first. */
const shedOrder: readonly Priority[] = priorities.toReversed();

/**
 * Bounds what waiting may cost this process: so many calls, so many bytes of their bodies. When
 * full, the cheapest calls that came last give way to a dearer one, else the newcomer is refused.
 */
export class WaitingRoom {
  readonly #rows = new Map<Priority, Row>(shedOrder.map((priority) => [priority, { guests: [], count: 0, bytes: 0 }]));
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns false when there is no place */
  enter(guest: Guest): boolean {
    const { priority } = guest.call;
    const bytes = bodyBytes(guest.call);
    const cheaper = shedOrder.slice(0, shedOrder.indexOf(priority)).map((each) => this.#row(each));
    const stayingCount = cheaper.reduce((count, row) => count - row.count, this.#count);
    const stayingBytes = cheaper.reduce((sum, row) => sum - row.bytes, this.#bytes);
    // Nobody is sent away for one who finds no place all the same.
    if (isFull(stayingCount, stayingBytes + bytes)) return false;
    while (isFull(this.#count, this.#bytes + bytes)) shedLast(cheaper);
    const row = this.#row(priority);
    row.guests.push(guest);
    this.#add(row, 1, bytes);
    return true;
  }

  /** To be called once for each guest who entered, after it was settled or shed. */
  leave(guest: Guest): void {
    const row = this.#row(guest.call.priority);
    this.#add(row, -1, -bodyBytes(guest.call));
    while (row.guests.at(-1)?.settled) row.guests.pop();
    // Settled guests further down are swept out before they outnumber those who wait.
    if (row.guests.length > 2 * row.count) row.guests = row.guests.filter((each) => !each.settled);
  }

  #row(priority: Priority): Row {
    return this.#rows.get(priority) as Row;
  }

  #add(row: Row, count: number, bytes: number): void {
    row.count += count;
    row.bytes += bytes;
    this.#count += count;
    this.#bytes += bytes;
  }
}

function isFull(count: number, bytes: number): boolean {
  return count >= waitersMax || bytes > waiterBytesMax;
}

/** @param rows the cheapest first; one of them at least has somebody */
function shedLast(rows: readonly Row[]): void {
  const row = rows.find(({ count }) => count > 0) as Row;
  row.guests.findLast((guest) => !guest.settled)?.shed();
}

function bodyBytes(call: Call): number {
  return call.body instanceof Uint8Array ? call.body.length : 0;
}
