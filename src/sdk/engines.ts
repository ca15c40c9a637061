import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Transport } from '../core/transport.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { Upstream } from '../providers/upstream.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';

/** Upstreams whose engines are remembered: a program talks to one or two, URLs made by chance must not pile up. */
const enginesMax = 64;

const anthropicOrigin = 'https://api.anthropic.com';

export interface EnginesDeps {
  readonly settings: Settings;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
}

/** One engine for each upstream that is called: whoever calls the same one shares its health. */
export class Engines {
  readonly #deps: EnginesDeps;
  /** Least recently used first. */
  readonly #engines = new Map<string, Engine>();
  #draining = false;

  constructor(deps: EnginesDeps) {
    this.#deps = deps;
  }

  for(target: Target): Engine {
    const url = target.origin + target.basePath;
    const engine = this.#engines.get(url) ?? this.#create(target);
    this.#engines.delete(url);
    this.#forgetIdle();
    this.#engines.set(url, engine);
    return engine;
  }

  /** See `Engine.drain`; engines that are first asked for afterwards take no calls either. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#engines.values()].map((engine) => engine.drain()));
  }

  /** Makes room for one more. An engine that serves calls stays: a drain would miss them. */
  #forgetIdle(): void {
    for (const [url, engine] of this.#engines) {
      if (this.#engines.size < enginesMax) return;
      if (engine.gauges.running === 0) this.#engines.delete(url);
    }
  }

  #create(target: Target): Engine {
    const { settings, transport, clock, random } = this.#deps;
    const { upstreams, fallback, collect, limits, observer } = settings;
    const primary = primaryOf(target, upstreams);
    const engine = createEngine({ transport, primary, upstreams, fallback, collect, limits, observer, clock, random });
    if (this.#draining) void engine.drain();
    return engine;
  }
}

/** The URL of a configured upstream means that upstream, with its names of models, and its key for who shows none. */
function primaryOf({ origin, basePath }: Target, upstreams: ReadonlyMap<string, Upstream>): Upstream {
  for (const upstream of upstreams.values()) {
    if (upstream.origin === origin && upstream.basePath === basePath) return upstream;
  }
  const name = origin === anthropicOrigin && !upstreams.has('anthropic') ? 'anthropic' : new URL(origin).host;
  return { name, origin, basePath, credential: null, models: new Map() };
}
