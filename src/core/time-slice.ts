import { type Clock, wait } from './clock.ts';

/** Long work stops after so many milliseconds: streams that stand still for so long are not noticed. */
const workMsMax = 20;

/** Long work looks at it at every step, so that the rest of the process runs in between. */
export class TimeSlice {
  readonly #clock: Clock;
  #beganAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAtMs = clock.now();
  }

  /** True when `again` is to be awaited. Cheap: it may be asked at every step. */
  get isOver(): boolean {
    return this.#clock.now() - this.#beganAtMs >= workMsMax;
  }

  /** Lets the others run, and begins anew. */
  async again(): Promise<void> {
    await wait(this.#clock, 0);
    this.#beganAtMs = this.#clock.now();
  }
}
