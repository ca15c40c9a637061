import type { Clock } from '../core/clock.ts';
import type { Limits } from '../core/limits.ts';
import type { Random } from '../core/random.ts';

/** How an attempt was let through: verdicts count differently for each. */
export type Admission = 'pass' | 'probe' | 'ramp';

/** Without a success for this long, consecutive failures are taken at their word. */
const quietMs = 10_000;
/** The second rule: at least this share of at least so many attempts within the window. */
const windowMs = 30_000;
const windowShare = 0.8;
const windowAttemptsMin = 20;
/** The window in slices, so that it slides without keeping every attempt. */
const slices = 10;
/** One call's failures count no more often than this, unless it is the only caller: a poisoned request must not close the route for others. */
const failuresPerCallMax = 2;
/** Sizes of the ramp after a good probe; past the last one the route is closed again. */
const rampMax = 8;
/** Failures over successes, since the probe, that open the breaker again. */
const rampLossMax = 2;

/**
 * Breaker of one route (R6).
 *
 * closed    ─ enough failures ─▶ open
 * open      ─ interval over ─▶ admits one probe an interval, stays open
 *             probe succeeds ─▶ half-open; probe fails ─▶ open, interval doubled
 * half-open ─ admits 2, 4, 8 at a time, as successes come in
 *             15 successes ─▶ closed; failures outnumber successes by 2 ─▶ open, interval doubled
 *
 * An attempt admitted in an earlier state has no vote in a later one.
 */
export class CircuitBreaker {
  readonly #limits: Limits['breaker'];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onChange: (state: CircuitBreaker['state']) => void;

  state: 'closed' | 'open' | 'half-open' = 'closed';
  #intervalMs = 0;
  #openUntilMs = 0;

  #consecutive = 0;
  #lastSuccessMs = Number.NEGATIVE_INFINITY;
  readonly #failuresByCall = new Map<string, number>();
  readonly #window = Array.from({ length: slices }, () => ({ epoch: -1, failures: 0, successes: 0 }));

  #ramp = 1;
  #rampInFlight = 0;
  #rampSuccesses = 0;
  #rampFailures = 0;

  constructor(
    limits: Limits['breaker'],
    clock: Clock,
    random: Random,
    onChange: (state: CircuitBreaker['state']) => void = () => {},
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#random = random;
    this.#onChange = onChange;
  }

  /** Lets an attempt through, or refuses with null. What is admitted must be settled exactly once. */
  admit(): Admission | null {
    if (this.state === 'closed') return 'pass';
    if (!this.admits) return null;
    if (this.state === 'half-open') {
      this.#rampInFlight++;
      return 'ramp';
    }
    // One probe an interval, also when this one's verdict takes longer than that.
    this.#openUntilMs = this.#clock.now() + this.#jittered(this.#intervalMs);
    return 'probe';
  }

  /** Whether `admit` would let somebody through now. */
  get admits(): boolean {
    if (this.state === 'half-open') return this.#rampInFlight < this.#ramp;
    return this.state === 'closed' || this.#clock.now() >= this.#openUntilMs;
  }

  /** When the next probe may go out; meaningful while open. */
  get nextProbeAtMs(): number {
    return this.#openUntilMs;
  }

  succeeded(admission: Admission): void {
    if (this.state === 'closed') this.#countSuccess();
    else if (this.state === 'open' && admission === 'probe') this.#halfOpen();
    else if (this.state === 'half-open' && admission !== 'pass') this.#rampStep(admission, true);
  }

  /**
   * @param callId whose attempt failed
   * @param alone true when no other call is using this route
   */
  failed(admission: Admission, callId: string, alone: boolean): void {
    if (this.state === 'closed') this.#countFailure(callId, alone);
    else if (this.state === 'open' && admission === 'probe') this.#open();
    else if (this.state === 'half-open' && admission !== 'pass') this.#rampStep(admission, false);
  }

  /** The attempt ended without saying anything about the route, and its call goes on: a probe has used up its interval. */
  abstained(admission: Admission): void {
    if (this.state === 'half-open' && admission === 'ramp') this.#rampInFlight = Math.max(0, this.#rampInFlight - 1);
  }

  /** The same where the call is over: its caller left, or its request was wrong. */
  withdrawn(admission: Admission): void {
    this.abstained(admission);
    // A probe that said nothing must not cost the waiters an interval.
    if (this.state === 'open' && admission === 'probe') this.#openUntilMs = this.#clock.now();
  }

  #countSuccess(): void {
    this.#consecutive = 0;
    this.#lastSuccessMs = this.#clock.now();
    if (this.#failuresByCall.size > 0) this.#failuresByCall.clear();
    this.#slice().successes++;
  }

  #countFailure(callId: string, alone: boolean): void {
    const count = (this.#failuresByCall.get(callId) ?? 0) + 1;
    this.#failuresByCall.set(callId, count);
    if (count > failuresPerCallMax && !alone) return;
    this.#consecutive++;
    this.#slice().failures++;
    const quiet = this.#clock.now() - this.#lastSuccessMs >= quietMs;
    if ((this.#consecutive >= this.#limits.failures && quiet) || this.#mostlyFailing()) this.#open();
  }

  #mostlyFailing(): boolean {
    const epoch = this.#epoch();
    let failures = 0;
    let attempts = 0;
    for (const slice of this.#window) {
      if (slice.epoch <= epoch - slices) continue;
      failures += slice.failures;
      attempts += slice.failures + slice.successes;
    }
    return attempts >= windowAttemptsMin && failures >= windowShare * attempts;
  }

  #epoch(): number {
    return Math.floor(this.#clock.now() / (windowMs / slices));
  }

  #slice() {
    const epoch = this.#epoch();
    const slice = this.#window[epoch % slices] as { epoch: number; failures: number; successes: number };
    if (slice.epoch !== epoch) {
      slice.epoch = epoch;
      slice.failures = 0;
      slice.successes = 0;
    }
    return slice;
  }

  #open(): void {
    const { open, open_max } = this.#limits;
    this.#intervalMs = this.#intervalMs === 0 ? open * 1000 : Math.min(this.#intervalMs * 2, open_max * 1000);
    this.#openUntilMs = this.#clock.now() + this.#jittered(this.#intervalMs);
    this.#become('open');
  }

  #halfOpen(): void {
    this.#ramp = 2;
    this.#rampInFlight = 0;
    this.#rampSuccesses = 1;
    this.#rampFailures = 0;
    this.#become('half-open');
  }

  #rampStep(admission: Admission, success: boolean): void {
    if (admission === 'ramp') this.#rampInFlight = Math.max(0, this.#rampInFlight - 1);
    if (success) this.#rampSuccesses++;
    else this.#rampFailures++;
    if (this.#rampFailures - this.#rampSuccesses >= rampLossMax) return this.#open();
    // 1 + 2 + 4 + 8 successes: each size of the ramp has been filled once.
    while (this.#rampSuccesses >= 2 * this.#ramp - 1) this.#ramp *= 2;
    if (this.#ramp > rampMax) this.#close();
  }

  #close(): void {
    this.#intervalMs = 0;
    this.#consecutive = 0;
    this.#lastSuccessMs = this.#clock.now();
    this.#failuresByCall.clear();
    for (const slice of this.#window) slice.epoch = -1;
    this.#become('closed');
  }

  #become(state: CircuitBreaker['state']): void {
    const changed = this.state !== state;
    this.state = state;
    if (changed) this.#onChange(state);
  }

  #jittered(ms: number): number {
    return ms * (0.8 + 0.4 * this.#random.next());
  }
}
