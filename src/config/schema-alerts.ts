import { z } from 'zod';
import { variable } from './schema-parts.ts';

/** The page's two addresses: each has been seen to refuse programs while the other answered. */
const pageUrls = ['https://status.claude.com', 'https://anthropic.statuspage.io'];
/** Seconds between looks: incidents are announced minutes after they begin, so faster looks would learn nothing. */
const interval = { default: 60, min: 10, max: 3_600 };
/** An hour: shorter waits are what a queue is for. */
const queueAge = { default: 3_600, max: 86_400 };
/** Where mail is handed in (RFC 6409). */
const submissionPort = 587;

const address = z.string().regex(/^[^\s@<>,;"]+@[^\s@<>,;"]+$/, 'must be an address such as oncall@example.com');
const allowPrivate = z.boolean().default(false).describe('true: it may be at an address of a private network.');

/** `status`: the provider's status page. */
export const statusSchema = z
  .strictObject({
    page: z
      .enum(['auto', 'on', 'off'])
      .default('auto')
      .describe('Whether the status page is watched; auto: where calls go to api.anthropic.com.'),
    urls: z.array(z.string()).min(1).default(pageUrls).describe('Addresses of the page, in order of preference.'),
    interval: z
      .number()
      .min(interval.min)
      .max(interval.max)
      .default(interval.default)
      .describe('Between looks, in seconds.'),
    webhook_secret_env: variable
      .optional()
      .describe('Environment variable with the last part of the path that takes webhooks of the page.'),
  })
  .prefault({})
  .describe("The provider's status page: evidence, never a gate.");

const webhook = z
  .strictObject({
    url_env: variable.describe('Environment variable with its address.'),
    secret_env: variable.optional().describe('Environment variable with the secret that signs what is sent.'),
    allow_private: allowPrivate,
  })
  .optional()
  .describe('A webhook of your own, signed by the Standard Webhooks.');

const slack = z
  .strictObject({
    url_env: variable.describe('Environment variable with the address of the incoming webhook.'),
    allow_private: allowPrivate,
  })
  .optional()
  .describe('Slack, or what takes messages as Slack does.');

const email = z
  .strictObject({
    host: z.string().min(1).describe('Mail server.'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .default(submissionPort)
      .describe('465: TLS from the start; any other: STARTTLS, which is demanded.'),
    user_env: variable.optional().describe('Environment variable with the user.'),
    password_env: variable.optional().describe('Environment variable with the password.'),
    from: address.describe('Who the mail is from.'),
    to: z.array(address).min(1).describe('Who gets it.'),
  })
  .refine((value) => (value.user_env === undefined) === (value.password_env === undefined), {
    path: ['user_env'],
    error: 'and password_env go together: name both or none',
  })
  .optional()
  .describe('Mail through SMTP.');

/** `alerts`: who is told when something is wrong. */
export const alertsSchema = z
  .strictObject({
    webhook,
    slack,
    email,
    bell: z.boolean().default(false).describe('true: the terminal of serve rings.'),
    queue_age: z
      .number()
      .positive()
      .max(queueAge.max)
      .default(queueAge.default)
      .describe('Age of the oldest queued request that is told of, in seconds.'),
  })
  .prefault({})
  .describe('Who is told when something is wrong.');
