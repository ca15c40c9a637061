import { withBatches } from '../batches/batches-engine.ts';
import { Offloader } from '../batches/offloader.ts';
import type { Caller } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import { plainFigure } from '../core/figure.ts';
import type { Random } from '../core/random.ts';
import { workTopic } from '../queue/desk.ts';
import type { Queue } from '../queue/open-queue.ts';
import type { ReplySettings } from '../replies/bounds.ts';
import { Replies } from '../replies/replies.ts';
import type { Store } from '../store/store.ts';
import type { Service } from './services.ts';

/** What follows from one configuration; a reload brings another. */
export interface BatchesConfig {
  /** Seconds after which queued batches expire. */
  readonly expires: number;
  /** Age in seconds from which any queued work is offloaded; null: only what asks for it. */
  readonly offloadAfter: number | null;
  readonly replies: ReplySettings;
}

export interface BatchesServiceOptions {
  readonly store: Store;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly random: Random;
  /** The configuration in force. */
  readonly config: () => BatchesConfig;
  /** Batches of the queue have ended: there may be notices to send. Must not throw. */
  readonly onEnded: () => void;
}

/**
 * The queue as the Batches API, offload to the upstream's batches, and answers kept under a
 * `ridethrough-key`. To stand around an engine that already keeps exhausted calls in the queue.
 */
export function batchesService({ store, queue, clock, random, config, onEnded }: BatchesServiceOptions): Service {
  const { desk, keyring, vault } = queue;
  const identify = (caller: Caller) => {
    // Who asks after its work has called again: with its credential the work can be done.
    if (keyring.remember(caller)) store.hint(workTopic);
    return keyring.identify(caller);
  };
  const offloader = new Offloader({ store, vault, keyring, clock, random, onEnded });
  const replies = new Replies({ store, vault, identify, clock, random, settings: () => config().replies });
  const help = 'Calls asked again because the gateway that had their ridethrough-key crashed: they may be billed twice';
  return {
    figures: [plainFigure('counter', 'key_takeovers_total', help, () => replies.takeovers)],
    serveBy(engine) {
      offloader.use(engine, config().offloadAfter);
      const expiresInMs = () => config().expires * 1000;
      return replies.around(
        withBatches({ engine, desk, identify, hidden: () => offloader.batches(), clock, random, expiresInMs }),
      );
    },
    async close() {
      await offloader.stop();
      await replies.stop();
    },
  };
}
