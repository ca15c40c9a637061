import { Alerts } from '../../alerts/alerts.ts';
import { healthSignal, statusSignal } from '../../alerts/signals.ts';
import { createTargets } from '../../alerts/targets.ts';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import { jsonAnswer, type OwnEndpoint } from '../../core/endpoint.ts';
import type { Observer } from '../../core/events.ts';
import type { Random } from '../../core/random.ts';
import type { Verdict } from '../../diagnosis/verdict.ts';
import type { Engine } from '../../engine/engine.ts';
import type { HealthChange, HealthSnapshot } from '../../health/state.ts';
import type { Standing } from '../../queue/standing.ts';
import { statuspageEndpoint } from '../../status/endpoint.ts';
import { type PageReader, pageReader } from '../../status/look.ts';
import type { StatusState } from '../../status/state.ts';
import { StatusWatcher } from '../../status/watcher.ts';
import { packageVersion } from '../version.ts';
import { assembleReport } from './assemble.ts';

/** What the other parts of the gateway add to the picture. */
export interface WatchingParts {
  /** null: nobody keeps watch. */
  health(): HealthSnapshot | null;
  verdict(): Promise<Verdict | null>;
  /** null: there is no queue. */
  queue(): Promise<Standing | null>;
}

export interface WatchingOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly terminal: NodeJS.WriteStream;
  /** Takes a sentence for the log of the gateway. */
  readonly report: (sentence: string) => void;
  readonly parts: WatchingParts;
}

/** The page is about this API and no other. */
const watchedHost = 'api.anthropic.com';

/** The part of a gateway that watches the status page, alerts people and tells how it stands. */
export class Watching {
  readonly alerts: Alerts;
  readonly #options: WatchingOptions;
  readonly #startedAtMs: number;
  #config: Config;
  #engine: Engine | null = null;
  #watcher: StatusWatcher | null = null;
  #reader: PageReader | null = null;

  /** To be followed by `use`, which puts the configuration in force. */
  constructor(config: Config, options: WatchingOptions) {
    this.#config = config;
    this.#options = options;
    this.#startedAtMs = options.clock.now();
    this.alerts = new Alerts(options);
    const ageMs = async () => (await options.parts.queue())?.oldestAgeMs ?? null;
    void this.alerts.watchQueue(ageMs, () => this.#config.alerts.queueAge * 1000);
  }

  get observer(): Observer {
    return this.alerts.observer;
  }

  get endpoints(): readonly OwnEndpoint[] {
    const status: OwnEndpoint = {
      method: 'GET',
      path: '/ridethrough/status',
      admin: true,
      answer: async () => jsonAnswer(await this.#report()),
    };
    const secret = () => this.#config.status.webhookSecret;
    return [status, statuspageEndpoint(() => this.#watcher, secret)];
  }

  /** What the page says; null: it is not watched. */
  get page(): StatusState | null {
    return this.#watcher?.state ?? null;
  }

  /** The health model has changed its mind. */
  healthChanged(change: HealthChange): void {
    this.alerts.take(healthSignal(change));
  }

  /** Another engine serves from now on. @returns the same engine */
  serveBy(engine: Engine): Engine {
    if (this.#engine !== null) this.alerts.engineReplaced();
    this.#engine = engine;
    return engine;
  }

  /** Puts a configuration in force: who is told, and which page is watched. */
  async use(config: Config): Promise<void> {
    const { clock, random, terminal } = this.#options;
    const targets = await createTargets(config.alerts, { clock, terminal });
    this.#config = config;
    this.alerts.use(targets);
    await this.#stopWatching();
    const { page, urls, interval, webhookSecret } = config.status;
    const polls = page === 'on' || (page === 'auto' && callsAnthropic(config));
    if (!polls && webhookSecret === null) return;
    const reader = pageReader(clock, config.proxy);
    const watcher = new StatusWatcher({ urls, intervalMs: interval * 1000, lookAt: reader.look, clock, random });
    watcher.onChange((change) => this.alerts.take(statusSignal(change)));
    if (polls) watcher.start();
    this.#reader = reader;
    this.#watcher = watcher;
  }

  async close(): Promise<void> {
    this.alerts.close();
    await this.#stopWatching();
  }

  async #stopWatching(): Promise<void> {
    this.#watcher?.stop();
    this.#watcher = null;
    await this.#reader?.close();
    this.#reader = null;
  }

  #report() {
    const { clock, parts } = this.#options;
    return assembleReport({
      version: packageVersion(),
      startedAtMs: this.#startedAtMs,
      now: () => clock.now(),
      upstream: () => this.#config.upstream.url,
      engine: () => this.#engine,
      page: () => this.page,
      alerts: () => this.alerts.open,
      health: () => parts.health(),
      verdict: () => parts.verdict(),
      queue: () => parts.queue(),
    });
  }
}

function callsAnthropic({ upstreams }: Config): boolean {
  return [...upstreams.values()].some(({ url }) => new URL(url).hostname === watchedHost);
}
