import type { Call, RawHeaders } from '../core/call.ts';
import type { AttemptReason, CallEvent } from '../core/events.ts';
import type { Route } from './routes.ts';

/** How a reason to attempt again is named in `ridethrough-recovered`. */
const recoveredName: Partial<Record<AttemptReason, string>> = {
  retry: 'retry',
  replay: 'retry',
  fallback: 'fallback',
  resume: 'resume',
};

/** What was done for one call, for its response headers and its record. */
export class CallLog {
  readonly #call: Call;
  readonly #recovered: string[] = [];
  attempts = 0;
  route: Route;
  adapted: readonly string[] = [];
  /** What the caller should know: `ridethrough-warning`. */
  readonly warnings: string[];

  constructor(call: Call, route: Route) {
    this.#call = call;
    this.route = route;
    this.warnings = [...call.warnings];
  }

  attempted(route: Route, reason: AttemptReason, adapted: readonly string[]): void {
    this.attempts++;
    this.route = route;
    this.adapted = adapted;
    // A probe is a call's first attempt as often as it is a retry.
    const name = reason === 'probe' ? (this.attempts > 1 ? 'retry' : undefined) : recoveredName[reason];
    if (name !== undefined && !this.#recovered.includes(name)) this.#recovered.push(name);
  }

  headers(): RawHeaders {
    const headers: RawHeaders = [
      'ridethrough-id',
      this.#call.id,
      'ridethrough-attempts',
      String(this.attempts),
      'ridethrough-route',
      this.route.headerLabel,
      'ridethrough-recovered',
      this.#recovered.length === 0 ? 'no' : this.#recovered.join(','),
    ];
    if (this.adapted.length > 0) headers.push('ridethrough-adapted', this.adapted.join(','));
    if (this.warnings.length > 0) headers.push('ridethrough-warning', this.warnings.join('; '));
    return headers;
  }

  event(result: CallEvent['result'], status: number | null, nowMs: number): CallEvent {
    return {
      callId: this.#call.id,
      endpoint: this.#call.endpoint.name,
      stream: this.#call.facts?.stream ?? false,
      result,
      status,
      attempts: this.attempts,
      recovered: this.#recovered,
      route: this.route.label,
      totalMs: nowMs - this.#call.receivedAtMs,
    };
  }
}
