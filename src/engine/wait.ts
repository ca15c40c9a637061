import type { Call } from '../core/call.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Lane, Price, Seeker } from './lane.ts';
import type { Ticket } from './ticket.ts';
import type { Guest, WaitingRoom } from './waiting-room.ts';

/** The end of a wait: a ticket, or the reason why there is none. */
export type WaitEnd = { readonly ticket: Ticket } | { readonly gaveUp: 'patience' | 'shed' };

/**
 * A call that waits (R6): it has used its retries, finds no token, no place, or every breaker open.
 * It costs nothing upstream and ends with a ticket, at its deadline, or when its place is needed.
 */
export class Wait implements Seeker, Guest {
  readonly call: Call;
  readonly price: Price;
  readonly deadlineAtMs: number;
  settled = false;
  readonly #clock: Clock;
  readonly #room: WaitingRoom;
  readonly #lanes: readonly Lane[];
  readonly #done: (end: WaitEnd) => void;
  #timer: Timer | null = null;
  #wide: boolean;

  /**
   * @param lanes where the call may go, the preferred one first
   * @param done told once; within the constructor where there is no place, no time, or a lane that has just opened
   */
  constructor(
    call: Call,
    price: Price,
    lanes: readonly Lane[],
    clock: Clock,
    room: WaitingRoom,
    done: (end: WaitEnd) => void,
  ) {
    this.call = call;
    this.price = price;
    this.deadlineAtMs = call.patience.deadlineAtMs;
    this.#clock = clock;
    this.#room = room;
    this.#lanes = lanes;
    this.#done = done;
    const preferred = lanes[0] as Lane;
    // Where the preferred route is open but busy it is worth the wait; another model is for outages.
    this.#wide = preferred.isShut;
    const patienceMs = this.deadlineAtMs - preferred.medianMs() - clock.now();
    if (patienceMs <= 0 || !room.enter(this)) {
      this.settled = true;
      done({ gaveUp: patienceMs <= 0 ? 'patience' : 'shed' });
      return;
    }
    this.#timer = clock.after(patienceMs, () => this.#end({ gaveUp: 'patience' }));
    this.#join(this.#wide ? lanes : [preferred]);
  }

  admitted(ticket: Ticket): void {
    this.#end({ ticket });
  }

  shut(lane: Lane): void {
    if (this.#wide) return lane.join(this);
    this.#wide = true;
    for (const other of this.#lanes) {
      const ticket = other.enter(this.price);
      if (ticket !== null) return this.#end({ ticket });
    }
    this.#join(this.#lanes);
  }

  shed(): void {
    this.#end({ gaveUp: 'shed' });
  }

  /** The caller left. */
  cancel(): void {
    this.#end(null);
  }

  #join(lanes: readonly Lane[]): void {
    // No wait is begun, and none goes on, that would outlive the caller.
    const remainingMs = this.deadlineAtMs - this.#clock.now();
    if (lanes.every((lane) => lane.cooldownMs >= remainingMs)) return this.#end({ gaveUp: 'patience' });
    for (const lane of lanes) if (!this.settled) lane.join(this);
  }

  #end(end: WaitEnd | null): void {
    if (this.settled) return;
    this.settled = true;
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#room.leave(this);
    for (const lane of this.#lanes) lane.left(this);
    if (end !== null) this.#done(end);
  }
}
