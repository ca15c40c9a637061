import type { Call, RawHeaders } from '../core/call.ts';
import type { AttemptReason, CallEvent } from '../core/events.ts';
import type { Failure } from '../core/outcome.ts';
import { headerOf } from '../wire/headers.ts';
import { callerOf } from './attempt-event.ts';
import type { Sending } from './course.ts';
import type { Delivery } from './delivery.ts';
import type { Route } from './routes.ts';

/** How a reason to attempt again is named in `ridethrough-recovered`. */
const recoveredName: Partial<Record<AttemptReason, string>> = { retry: 'retry', replay: 'retry', fallback: 'fallback' };

/** What was done for one call, for its response headers and its record. */
export class CallLog {
  readonly #call: Call;
  readonly #recovered: string[] = [];
  #error: CallEvent['error'] = null;
  attempts = 0;
  route: Route;
  adapted: readonly string[] = [];
  /** The batch under which the call was kept; null where it was not. */
  queued: string | null = null;
  /** What the caller should know: `ridethrough-warning`. */
  readonly warnings: string[];

  constructor(call: Call, route: Route) {
    this.#call = call;
    this.route = route;
    this.warnings = [...call.warnings];
  }

  attempted(route: Route, reason: AttemptReason, { adapted, recovers }: Pick<Sending, 'adapted' | 'recovers'>): void {
    this.attempts++;
    this.route = route;
    this.adapted = adapted;
    // A probe is a call's first attempt as often as it is a retry.
    const name = reason === 'probe' ? (this.attempts > 1 ? 'retry' : undefined) : recoveredName[reason];
    // Whoever carries a continuation, a probe or another route, continues.
    if (recovers !== null) this.#took(recovers);
    if (name !== undefined && (recovers === null || name === 'fallback')) this.#took(name);
  }

  #took(name: string): void {
    if (!this.#recovered.includes(name)) this.#recovered.push(name);
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
    if (this.queued !== null) headers.push('ridethrough-queued', this.queued);
    if (this.warnings.length > 0) headers.push('ridethrough-warning', this.warnings.join('; '));
    return headers;
  }

  /** The caller was told a final error. @param failure null when no route could be asked */
  failed(failure: Failure | null): void {
    this.#error =
      failure === null
        ? { class: null, type: 'overloaded_error', code: null }
        : { class: failure.class, type: failure.type, code: failure.code };
  }

  event(result: CallEvent['result'], delivery: Delivery, nowMs: number): CallEvent {
    const call = this.#call;
    return {
      callId: call.id,
      endpoint: call.endpoint.name,
      model: call.facts?.model ?? null,
      stream: call.facts?.stream ?? false,
      priority: call.priority,
      caller: callerOf(call),
      client: clientOf(call.headers),
      clientRetries: retriesOf(call.headers),
      receivedAtMs: call.receivedAtMs,
      result,
      status: delivery.status,
      requestId: delivery.requestId,
      error: this.#error,
      queued: this.queued !== null,
      attempts: this.attempts,
      recovered: this.#recovered,
      route: this.route.label,
      totalMs: nowMs - call.receivedAtMs,
    };
  }
}

/** A name and a version, as `Anthropic/JS 1.12.0` or `claude-cli/2.1.0`; what follows may name a person's machine. */
const product = /^[A-Za-z][\w.-]{0,39}\/(?:[A-Za-z]{1,16} )?\d[\w.-]{0,19}/;

function clientOf(headers: RawHeaders): string | null {
  return product.exec(headerOf(headers, 'user-agent') ?? '')?.[0] ?? null;
}

function retriesOf(headers: RawHeaders): number | null {
  const value = headerOf(headers, 'x-stainless-retry-count') ?? '';
  return /^\d{1,4}$/.test(value) ? Number(value) : null;
}
