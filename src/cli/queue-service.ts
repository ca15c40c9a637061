import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { plainFigure } from '../core/figure.ts';
import type { Random } from '../core/random.ts';
import { Notices } from '../queue/notices.ts';
import { openQueue, type Queue, type QueueConfig } from '../queue/open-queue.ts';
import type { Store } from '../store/store.ts';
import { batchesService } from './batches-service.ts';
import type { Service } from './services.ts';

export interface QueueServiceOptions {
  readonly store: Store;
  /** The data folder, with the key file. */
  readonly data: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
}

/** The queue, and the services that belong to it, in their order: each stands around the one before. */
export interface QueueServices {
  readonly queue: Queue;
  readonly services: readonly Service[];
}

/** What the queue needs of a configuration. */
function queueConfigOf({ queue, upstream, tokens }: Config): QueueConfig {
  const names = tokens.filter(({ admin }) => !admin).map(({ name }) => name);
  return { settings: queue, doors: { keyEnv: upstream.keyEnv, tokens: new Set(names) } };
}

/**
 * The queue with its notices, and what stands on it: the Batches API, offload, kept answers.
 * @throws RidethroughError as `openQueue` does
 */
export async function openQueueServices(options: QueueServiceOptions): Promise<QueueServices> {
  const { store, data, clock, random } = options;
  let { config } = options;
  const notices = new Notices(store, clock);
  const onEnded = () => notices.wake();
  const queue = await openQueue({ store, data, clock, random }, queueConfigOf(config), onEnded);
  const service: Service = {
    observers: [queue.observer],
    figures: [
      ...queue.figures,
      plainFigure('counter', 'queue_notices_total', 'Ended batches told to the webhook', () => notices.delivered),
      plainFigure('counter', 'queue_notices_failed_total', 'Notices given up', () => notices.failed),
    ],
    serveBy(_engine, next, core) {
      config = next;
      return queue.use(core, queueConfigOf(next));
    },
    use: ({ webhook }) => notices.use(webhook),
    drain: () => void queue.stop(),
    async close() {
      await queue.stop();
      await notices.stop();
    },
  };
  const batchesConfig = () => ({
    expires: config.queue.expires,
    offloadAfter: config.queue.offloadAfter,
    replies: config.replies,
  });
  const batches = batchesService({ store, queue, clock, random, onEnded, config: batchesConfig });
  return { queue, services: [service, batches] };
}
