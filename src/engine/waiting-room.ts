import { type Call, type Priority, priorities } from '../core/call.ts';
import { waiterBytesMax, waitersMax } from '../core/limits.ts';

/** Somebody in the room: told when the place is needed for a dearer call. */
export interface Guest {
  readonly call: Call;
  readonly settled: boolean;
  shed(): void;
}

/** First to be shed stands first. */
const shedOrder: readonly Priority[] = priorities.toReversed();

/**
 * Bounds what waiting may cost this process: so many calls, so many bytes of their bodies. When
 * full, the cheapest call that came last gives way to a dearer one, else the newcomer is refused.
 */
export class WaitingRoom {
  readonly #guests = new Map<Priority, Guest[]>(shedOrder.map((priority) => [priority, []]));
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns false when there is no place */
  enter(guest: Guest): boolean {
    const bytes = bodyBytes(guest.call);
    while (this.#count >= waitersMax || this.#bytes + bytes > waiterBytesMax) {
      if (!this.#shedBelow(guest.call.priority)) return false;
    }
    this.#count++;
    this.#bytes += bytes;
    this.#guests.get(guest.call.priority)?.push(guest);
    return true;
  }

  /** To be called once for each guest who entered, after it was settled or shed. */
  leave(guest: Guest): void {
    this.#count--;
    this.#bytes -= bodyBytes(guest.call);
    const guests = this.#guests.get(guest.call.priority) as Guest[];
    while (guests.length > 0 && (guests.at(-1) as Guest).settled) guests.pop();
    // Settled guests further down are swept out before they outnumber those who wait.
    if (guests.length > 2 * this.#count)
      this.#guests.set(
        guest.call.priority,
        guests.filter((g) => !g.settled),
      );
  }

  #shedBelow(priority: Priority): boolean {
    for (const cheaper of shedOrder) {
      if (cheaper === priority) return false;
      const guests = this.#guests.get(cheaper) as Guest[];
      for (let guest = guests.pop(); guest !== undefined; guest = guests.pop()) {
        if (guest.settled) continue;
        guest.shed();
        return true;
      }
    }
    return false;
  }
}

function bodyBytes(call: Call): number {
  return call.body instanceof Uint8Array ? call.body.length : 0;
}
