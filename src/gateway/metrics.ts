import type { AttemptEvent, BreakerEvent, CallEvent, Observer } from '../core/events.ts';
import { type Figure, plainFigure } from '../core/figure.ts';
import { type Family, renderFamilies } from './exposition.ts';
import { DurationTally, Tally } from './tally.ts';

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
  readonly #families: Family[];
  readonly #routes = new Set<string>();
  readonly #calls = new Tally('endpoint', 'result', 'status');
  readonly #attempts = new Tally('route', 'failure', 'reason');
  readonly #recovered = new Tally('kind');
  readonly #callSeconds = new DurationTally('endpoint', secondsBuckets);
  readonly #firstByteSeconds = new DurationTally('route', secondsBuckets);
  readonly #breakers = new Map<string, BreakerEvent['state']>();

  /** @param gauges is asked whenever the metrics are read */
  constructor(gauges: () => Gauges) {
    this.#families = [
      counter('calls_total', 'Calls that ended.', this.#calls),
      counter('attempts_total', 'Upstream exchanges that ended.', this.#attempts),
      counter('recovered_total', 'Whole answers that needed help, by its kind.', this.#recovered),
      histogram('call_seconds', 'From receiving a call to its end.', this.#callSeconds),
      histogram(
        'first_byte_seconds',
        'From sending an attempt to the first byte of its response.',
        this.#firstByteSeconds,
      ),
      {
        name: 'breaker_state',
        help: 'Last change of a circuit breaker of this route: 0 closed, 1 half-open, 2 open.',
        kind: 'gauge',
        read: () => [...this.#breakers].map(([route, state]) => ({ labels: { route }, value: breakerValues[state] })),
      },
      plainFigure(
        'gauge',
        'calls_running',
        'Calls that are served now, waiting ones among them.',
        () => gauges().running,
      ),
      plainFigure('gauge', 'calls_waiting', 'Calls that wait for a route to recover.', () => gauges().waiting),
    ];
  }

  /** Shows a figure that another part keeps. */
  add(figure: Figure): void {
    this.#families.push(figure);
  }

  /** The Prometheus text. */
  render(): string {
    return renderFamilies(this.#families);
  }

  attempt(event: AttemptEvent): void {
    const route = this.#routeLabel(event.route);
    this.#attempts.add(route, event.failure ?? (event.aborted ? 'aborted' : 'none'), event.reason);
    if (event.firstByteMs !== null) this.#firstByteSeconds.add(route, event.firstByteMs / 1000);
  }

  call(event: CallEvent): void {
    const { endpoint, result, status } = event;
    this.#calls.add(endpoint, result, status === null ? 'none' : String(status));
    this.#callSeconds.add(endpoint, event.totalMs / 1000);
    if (result === 'whole') for (const kind of event.recovered) this.#recovered.add(kind);
  }

  breaker(event: BreakerEvent): void {
    this.#breakers.set(this.#routeLabel(event.route), event.state);
  }

  #routeLabel(route: string): string {
    if (this.#routes.has(route)) return route;
    if (this.#routes.size >= routesMax || route.length > routeCharactersMax) return otherRoute;
    this.#routes.add(route);
    return route;
  }
}

function counter(name: string, help: string, tally: Tally): Family {
  return { name, help, kind: 'counter', read: () => tally.read() };
}

function histogram(name: string, help: string, tally: DurationTally): Family {
  return { name, help, kind: 'histogram', read: () => tally.read() };
}
