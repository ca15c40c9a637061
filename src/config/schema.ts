import { z } from 'zod';
import { defaultLimits, defaultReplies, defaultRetention } from '../core/limits.ts';
import { alertsSchema, statusSchema } from './schema-alerts.ts';
import { variable } from './schema-parts.ts';
import { queueSchema, webhookSchema } from './schema-queue.ts';

const limits = defaultLimits;

/** One day: a longer timeout is a slip of the pen. */
const secondsMax = 86_400;

const seconds = (value: number, meaning: string) =>
  z.number().positive().max(secondsMax).default(value).describe(`${meaning}, in seconds.`);

const count = (value: number, min: number, max: number, meaning: string) =>
  z.int().min(min).max(max).default(value).describe(meaning);

const timeouts = z
  .strictObject({
    connect: seconds(limits.timeouts.connect, 'To a connection'),
    first_byte: seconds(
      limits.timeouts.first_byte,
      'To the first byte of a streamed answer; one more for every 40 kB of request body, 300 at most',
    ),
    idle: seconds(limits.timeouts.idle, 'Without any byte of a stream'),
    progress: seconds(limits.timeouts.progress, 'With nothing but pings'),
    hold: seconds(limits.timeouts.hold, 'For which the head of a stream is held back at most'),
    deadline: seconds(limits.timeouts.deadline, 'That a call may take where its caller names nothing'),
  })
  .prefault({})
  .describe('How long what may take.');

const retry = z
  .strictObject({
    max: count(limits.retry.max, 0, 100, 'Retries a call, over all routes.'),
    base: seconds(limits.retry.base, 'First step of the backoff'),
    cap: seconds(limits.retry.cap, 'Largest step of the backoff'),
    fallback_after: count(
      limits.retry.fallback_after,
      1,
      100,
      'Consecutive retryable failures of one call on a route before it moves to the next.',
    ),
  })
  .refine((value) => value.cap >= value.base, {
    path: ['cap'],
    error: 'must not be less than retry.base',
  })
  .prefault({})
  .describe('Retries with full jitter.');

const budget = z
  .strictObject({
    ratio: z.number().min(0).max(10).default(limits.budget.ratio).describe('Extra attempts earned by each success.'),
    floor: z
      .number()
      .min(0)
      .max(10_000)
      .default(limits.budget.floor)
      .describe('Extra attempts to begin with, and all that may be spent while nothing succeeds.'),
  })
  .prefault({})
  .describe('The retry budget of each upstream and credential.');

const breaker = z
  .strictObject({
    failures: count(limits.breaker.failures, 1, 1000, 'Consecutive failures that open it.'),
    open: seconds(limits.breaker.open, 'That it stays open the first time'),
    open_max: seconds(limits.breaker.open_max, 'That it stays open at most'),
  })
  .refine((value) => value.open_max >= value.open, {
    path: ['open_max'],
    error: 'must not be less than breaker.open',
  })
  .prefault({})
  .describe('The circuit breaker of each upstream, model and credential.');

const recovery = z
  .strictObject({
    resumes: count(limits.recovery.resumes, 0, 100, 'Resumes a call.'),
    max_input_tokens: count(
      limits.recovery.max_input_tokens,
      0,
      1_000_000_000,
      'Input tokens that the resumes of one call may bill again.',
    ),
  })
  .prefault({})
  .describe('Recovery of a stream that breaks after its first word.');

const ledger = z
  .strictObject({
    days: z.number().min(1).max(3650).default(defaultRetention.days).describe('That a row is kept at most.'),
    megabytes: count(defaultRetention.megabytes, 1, 1_000_000, 'That all rows take at most, about.'),
  })
  .prefault({})
  .describe('The ledger: what became of each call and each attempt.');

const replies = z
  .strictObject({
    retention: count(defaultReplies.retention, 60, 2_592_000, 'Seconds for which an answer is kept under its key.'),
    megabytes: count(defaultReplies.megabytes, 1, 1_000_000, 'That all kept answers take at most.'),
  })
  .prefault({})
  .describe('Answers that are kept under a `ridethrough-key`.');

const upstream = z
  .strictObject({
    url: z.string().describe('http(s)://host[:port][/prefix]; /v1/… is appended to it.'),
    kind: z.enum(['anthropic']).default('anthropic').describe("The vendor's dialect."),
    key_env: variable.optional().describe("Environment variable with its key. Without it the caller's key is passed."),
    auth: z.enum(['x-api-key', 'bearer']).default('x-api-key').describe('The header that carries the key.'),
    models: z
      .record(z.string(), z.string().min(1, 'must not be empty'))
      .default({})
      .describe('Model names: ours to theirs. What is not named keeps its name.'),
  })
  .describe('One place that answers Claude calls.');

const token = z
  .strictObject({
    env: variable.describe('Environment variable with its value.'),
    admin: z.boolean().default(false).describe('true: opens /ridethrough/* and nothing else.'),
  })
  .describe('A token of this gateway.');

const upstreamName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores');

/** The file as people write it. Every key is optional; unknown ones are refused. */
export const fileSchema = z
  .strictObject({
    timeouts,
    retry,
    budget,
    breaker,
    recovery,
    collect: z
      .enum(['auto', 'always', 'off'])
      .default('auto')
      .describe('Whether calls without streaming are streamed upstream and collected here.'),
    fallback: z
      .record(z.string(), z.array(z.string().min(1, 'must not be empty')).min(1))
      .default({})
      .describe('Model to targets in order; a target is "<model>" or "<upstream>/<model>".'),
    upstream: z
      .string()
      .default('anthropic')
      .describe('URL or name of the default upstream; "anthropic" is https://api.anthropic.com unless configured.'),
    upstreams: z.record(upstreamName, upstream).default({}).describe('Further upstreams by name.'),
    tokens: z.record(z.string(), token).default({}).describe('Tokens of this gateway by name.'),
    hosts: z
      .array(
        z.string().regex(/^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/, 'must be name or name:port'),
      )
      .default([])
      .describe('Further values of the Host header that are served, as "name" (any port) or "name:port".'),
    origins: z
      .array(z.string().regex(/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/, 'must be an origin such as https://app.example.com'))
      .default([])
      .describe('Values of the Origin header that are served.'),
    proxy: z.string().optional().describe('Proxy to every upstream. Without it HTTPS_PROXY and NO_PROXY decide.'),
    ledger,
    queue: queueSchema,
    webhook: webhookSchema,
    replies,
    status: statusSchema,
    alerts: alertsSchema,
  })
  .describe('Configuration of Ridethrough.');

/** What `fileSchema` makes of a file: defaults filled in, nothing resolved yet. */
export type FileConfig = z.output<typeof fileSchema>;
