import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptEvent, BreakerEvent, CallEvent, Observer } from '../core/events.ts';
import type { Figure } from '../core/figure.ts';

/** Routes that get a label of their own. Callers name the models, so there must be an end to it. */
const routesMax = 100;
const routeCharactersMax = 200;
const otherRoute = 'other';

/** From a quick error to the longest call, in seconds. */
const secondsBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300, 600, 1800];

const breakerValues: Readonly<Record<BreakerEvent['state'], number>> = { closed: 0, 'half-open': 1, open: 2 };

/** How many calls there are at this moment. */
export interface Gauges {
  readonly running: number;
  readonly waiting: number;
}

/** What Prometheus may know: counts and times. No prompt, answer, key or caller's name. */
export class Metrics implements Observer {
  readonly #registry = new Registry();
  readonly #routes = new Set<string>();
  readonly #calls = this.#counter('calls_total', 'Calls that ended.', ['endpoint', 'result', 'status']);
  readonly #attempts = this.#counter('attempts_total', 'Upstream exchanges that ended.', [
    'route',
    'failure',
    'reason',
  ]);
  readonly #recovered = this.#counter('recovered_total', 'Whole answers that needed help, by its kind.', ['kind']);
  readonly #callSeconds = this.#histogram('call_seconds', 'From receiving a call to its end.', ['endpoint']);
  readonly #firstByteSeconds = this.#histogram(
    'first_byte_seconds',
    'From sending an attempt to the first byte of its response.',
    ['route'],
  );
  readonly #breakers = new Gauge({
    name: 'ridethrough_breaker_state',
    help: 'Last change of a circuit breaker of this route: 0 closed, 1 half-open, 2 open.',
    labelNames: ['route'],
    registers: [this.#registry],
  });

  /** @param gauges is asked whenever the metrics are read */
  constructor(gauges: () => Gauges) {
    this.#gauge('calls_running', 'Calls that are served now, waiting ones among them.', () => gauges().running);
    this.#gauge('calls_waiting', 'Calls that wait for a route to recover.', () => gauges().waiting);
  }

  /** Shows a figure that another part keeps. */
  add({ name, help, kind, labels, read }: Figure): void {
    const shared = { name: `ridethrough_${name}`, help, labelNames: [...labels], registers: [this.#registry] };
    const rows = () => read().map(({ labels: named, value }) => [{ ...named }, value] as const);
    if (kind === 'gauge') {
      new Gauge({
        ...shared,
        collect() {
          this.reset();
          for (const [named, value] of rows()) this.set(named, value);
        },
      });
    } else {
      new Counter({
        ...shared,
        collect() {
          this.reset();
          for (const [named, value] of rows()) this.inc(named, value);
        },
      });
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The Prometheus text. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }

  attempt(event: AttemptEvent): void {
    const route = this.#routeLabel(event.route);
    this.#attempts.inc({ route, failure: event.failure ?? (event.aborted ? 'aborted' : 'none'), reason: event.reason });
    if (event.firstByteMs !== null) this.#firstByteSeconds.observe({ route }, event.firstByteMs / 1000);
  }

  call(event: CallEvent): void {
    const { endpoint, result, status } = event;
    this.#calls.inc({ endpoint, result, status: status === null ? 'none' : String(status) });
    this.#callSeconds.observe({ endpoint }, event.totalMs / 1000);
    if (result === 'whole') for (const kind of event.recovered) this.#recovered.inc({ kind });
  }

  breaker(event: BreakerEvent): void {
    this.#breakers.set({ route: this.#routeLabel(event.route) }, breakerValues[event.state]);
  }

  #routeLabel(route: string): string {
    if (this.#routes.has(route)) return route;
    if (this.#routes.size >= routesMax || route.length > routeCharactersMax) return otherRoute;
    this.#routes.add(route);
    return route;
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `ridethrough_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: Label[]): Histogram<Label> {
    const buckets = secondsBuckets;
    return new Histogram({ name: `ridethrough_${name}`, help, labelNames, buckets, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `ridethrough_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}
