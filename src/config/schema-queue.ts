import { z } from 'zod';
import { defaultQueue } from '../core/limits.ts';
import { variable } from './schema-parts.ts';

/** A month, and a year: longer ones are slips of the pen. */
const expiresMax = 2_592_000;
const retentionMax = 31_536_000;

const seconds = (value: number, min: number, max: number, meaning: string) =>
  z.int().min(min).max(max).default(value).describe(`${meaning}, in seconds.`);

const count = (value: number, max: number, meaning: string) => z.int().min(1).max(max).default(value).describe(meaning);

/** `queue`: work that is kept until it can be done. */
export const queueSchema = z
  .strictObject({
    expires: seconds(defaultQueue.expires, 60, expiresMax, 'After which what is not done is given up'),
    retention: seconds(defaultQueue.retention, 60, retentionMax, 'For which the results of a batch are kept'),
    unsure: z
      .enum(['resend', 'quarantine'])
      .default(defaultQueue.unsure)
      .describe('What becomes of a request that may have been billed and whose answer was lost.'),
    attempts: count(defaultQueue.attempts, 1000, 'After which a request that fails in passing is given up.'),
    items: count(defaultQueue.items, 10_000_000, 'Open requests of one caller.'),
    megabytes: count(defaultQueue.megabytes, 1_000_000, 'That the open requests of one caller take at most.'),
    offload_after: z
      .int()
      .min(0)
      .max(expiresMax)
      .optional()
      .describe('Seconds after which what waits is offloaded to Message Batches; without it only what asks for it.'),
  })
  .prefault({})
  .describe('Work that is kept until it can be done.');

/** `webhook`: told when a queued batch has ended. */
export const webhookSchema = z
  .strictObject({
    url_env: variable.describe('Environment variable with its address.'),
    secret_env: variable.describe('Environment variable with the secret that signs what is sent.'),
    allow_private: z.boolean().default(false).describe('true: it may be at an address of a private network.'),
  })
  .optional()
  .describe('Told when a queued batch has ended, signed by the Standard Webhooks.');
