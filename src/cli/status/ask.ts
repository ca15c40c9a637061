import { request } from 'undici';
import type { Environment } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import { bounded, causeOf } from '../doctor/check.ts';
import type { StatusReport } from './report.ts';

/** The report, or one sentence why there is none and what to do. */
export type Asked = { readonly report: StatusReport } | { readonly problem: string };

/** A report of a thousand routes stays far below this. */
const reportBytesMax = 4 * 2 ** 20;

/** Asks a running gateway for its report; shows it the admin token, where the environment has one. */
export async function askGateway(url: string, env: Environment, clock: Clock): Promise<Asked> {
  const token = env.RIDETHROUGH_ADMIN_TOKEN;
  const headers = token === undefined || token === '' ? {} : { 'ridethrough-token': token };
  try {
    return await bounded(clock, async (signal) => {
      // Not by way of a proxy: it is a gateway of one's own.
      const response = await request(`${url}/ridethrough/status`, { headers, signal });
      const { statusCode, headers: told, body } = response;
      if (statusCode === 200) return judge(url, await readText(body));
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

function judge(url: string, text: string): Asked {
  try {
    const report: unknown = JSON.parse(text);
    if (typeof report === 'object' && report !== null && 'routes' in report && 'calls' in report) {
      return { report: report as StatusReport };
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
