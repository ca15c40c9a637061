import type { Random } from '../../../src/core/random.ts';
import { between, chance, pick, sample, scaled, whole } from './chance.ts';

/** One who calls the gateway. */
export interface Caller {
  readonly name: string;
  readonly client: string | null;
  /** Its key at the first upstream; at another, the gateway's own. */
  readonly credential: string;
  /** In the order of its preference: most calls go to the first. */
  readonly models: readonly string[];
}

/** Everything around the trouble that chance decides. Instants are milliseconds since the Unix epoch. */
export interface Setting {
  readonly callers: readonly Caller[];
  readonly models: readonly string[];
  /** Keys at the first upstream. */
  readonly credentials: readonly string[];
  /** The first is where calls go; the others are fallbacks. */
  readonly upstreams: readonly string[];
  readonly fallback: boolean;
  readonly callsPerSecond: number;
  /** Share of attempts that fail by the way, whatever else happens. */
  readonly noise: number;
  readonly beganAtMs: number;
  readonly troubleAtMs: number;
  readonly atMs: number;
}

/** What a kind needs, so that its evidence can be seen at all. */
export interface Needs {
  /** Share of calls that the trouble touches, 0 to 1; default 1. */
  readonly share?: number;
  /** How long a failing attempt takes at most; default 1,000. */
  readonly failMs?: number;
  readonly upstreams?: readonly [low: number, high: number];
  readonly models?: readonly string[];
  readonly callersMin?: number;
  readonly credentialsMin?: number;
  /** How long ago it began; default 10 s to 2 h. */
  readonly agoMs?: readonly [low: number, high: number];
  readonly fallback?: boolean;
}

export const modelIds = [
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-opus-4-6',
  'claude-opus-4-8',
  'claude-sonnet-4-6',
  'claude-haiku-4-5-20251001',
] as const;
const upstreamNames = ['anthropic', 'relay-eu', 'bedrock', 'vertex'];
const callerNames = ['checkout', 'support-bot', 'nightly', 'search', 'ci', 'mail-sorter', 'ana', 'tom', 'crm', 'docs'];
const clients = ['Anthropic/JS 1.12.0', 'Anthropic/Python 0.71.0', 'claude-cli/2.1.0', null];

const day = Date.UTC(2026, 10, 22);
/** A scenario's events are kept in memory, two a call or more: these are some 20 MB. */
const callsMax = 16_000;
/** Failed calls that somebody who looks at ten minutes, or since the beginning, expects to find. */
const touchedCalls = 12;

/** Throws the dice for everything that a kind does not need to be so. */
export function drawSetting(random: Random, needs: Needs = {}): Setting {
  const { share = 1, failMs = 1_000, agoMs: [agoLow, agoHigh] = [10_000, 7_200_000] } = needs;
  const drawnAgoMs = scaled(random, agoLow, agoHigh);
  const leadMs = between(random, 600_000, 1_200_000);
  const fastest = Math.min(20, (callsMax * 1000) / (drawnAgoMs + leadMs));
  const slowest = Math.max(0.05, touchedCalls / share / 600);
  const callsPerSecond = scaled(random, Math.min(slowest, fastest), fastest);
  const neededMs = (touchedCalls / share / callsPerSecond) * 1000 + 2 * failMs;
  const agoMs = Math.min(agoHigh, Math.max(drawnAgoMs, neededMs));
  const atMs = day + Math.floor(between(random, 0, 86_400_000));
  const credentials = Array.from({ length: Math.max(needs.credentialsMin ?? 1, whole(random, 1, 3)) }, () =>
    random.id().slice(0, 12),
  );
  const models = needs.models ?? sample(random, modelIds, whole(random, 2, 4));
  const upstreams = upstreamNames.slice(0, whole(random, ...(needs.upstreams ?? [1, 3])));
  return {
    callers: drawCallers(random, Math.max(needs.callersMin ?? 1, credentials.length), credentials, models),
    ...{ models, credentials, upstreams, callsPerSecond, atMs },
    fallback: needs.fallback ?? (upstreams.length > 1 && chance(random, 0.6)),
    noise: between(random, 0, 0.01),
    troubleAtMs: atMs - agoMs,
    beganAtMs: atMs - agoMs - leadMs,
  };
}

function drawCallers(random: Random, min: number, credentials: readonly string[], models: readonly string[]): Caller[] {
  const names = sample(random, callerNames, Math.max(min, whole(random, 1, 8)));
  return names.map((name, index) => ({
    name,
    client: pick(random, clients),
    credential: credentials[index % credentials.length] as string,
    models: sample(random, models, models.length),
  }));
}
