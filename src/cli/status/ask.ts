import { request } from 'undici';
import type { Environment } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import { bounded, causeOf } from '../doctor/check.ts';
import type { StatusReport } from './report.ts';

/** What a gateway is asked for. */
export interface Question {
  /** Where it runs. */
  readonly url: string;
  /** `/ridethrough/status` */
  readonly path: string;
  /** Members by which its answer is known. */
  readonly members: readonly string[];
}

/** The answer, or one sentence why there is none and what to do. */
export type Asked<T> = { readonly report: T } | { readonly problem: string };

/** How a gateway stands. */
export function askStatus(url: string, env: Environment, clock: Clock): Promise<Asked<StatusReport>> {
  return askGateway({ url, path: '/ridethrough/status', members: ['routes', 'calls'] }, env, clock);
}

/** A report of a thousand routes stays far below this. */
const reportBytesMax = 4 * 2 ** 20;

/** Asks a running gateway; shows it the admin token, where the environment has one. */
export async function askGateway<T>(
  { url, path, members }: Question,
  env: Environment,
  clock: Clock,
): Promise<Asked<T>> {
  const token = env.RIDETHROUGH_ADMIN_TOKEN;
  const headers = token === undefined || token === '' ? {} : { 'ridethrough-token': token };
  try {
    return await bounded(clock, async (signal) => {
      // Not by way of a proxy: it is a gateway of one's own.
      const response = await request(`${url}${path}`, { headers, signal });
      const { statusCode, headers: told, body } = response;
      if (statusCode === 200) return judge(url, members, await readText(body));
      await body.dump();
      return { problem: told['ridethrough-origin'] === 'gateway' ? refusal(url, statusCode) : stranger(url) };
    });
  } catch (error) {
    return { problem: unreachable(url, causeOf(error)) };
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > reportBytesMax) throw new Error('its answer has no end');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function judge<T>(url: string, members: readonly string[], text: string): Asked<T> {
  try {
    const report: unknown = JSON.parse(text);
    if (typeof report === 'object' && report !== null && members.every((member) => member in report)) {
      return { report: report as T };
    }
  } catch {
    // Said below: it is no report.
  }
  return { problem: stranger(url) };
}

function refusal(url: string, status: number): string {
  if (status === 401) return `The gateway at ${url} wants an admin token: set RIDETHROUGH_ADMIN_TOKEN to it.`;
  if (status === 403)
    return `The gateway at ${url} does not answer to this host name: use its address, or add it to "hosts".`;
  return stranger(url);
}

function stranger(url: string): string {
  return `What answers at ${url} is no gateway of this version: give --url the address that \`ridethrough serve\` prints.`;
}

function unreachable(url: string, cause: string): string {
  const start = 'start one with `ridethrough serve`, or give --url the address of one that runs';
  return cause === 'ECONNREFUSED'
    ? `No gateway runs at ${url}: ${start}.`
    : `No gateway answers at ${url} (${cause}): ${start}.`;
}
