import { readdirSync, readFileSync } from 'node:fs';
import { RidethroughError } from '../core/errors.ts';
import { playCase } from './corpus-player.ts';
import type { Fault } from './fault.ts';

/** A recorded failure shape: one file of the corpus. The README beside them explains the members. */
export interface CorpusCase {
  readonly id: string;
  readonly class: string;
  readonly source: string;
  readonly phase: 'connect' | 'headers' | 'first-event' | 'body' | 'mid-text' | 'mid-thinking' | 'mid-tool' | 'end';
  readonly http: { readonly status: number | null; readonly headers: Readonly<Record<string, string>> };
  readonly body: string | null;
  readonly sse: readonly string[] | null;
  readonly then: 'end' | 'reset' | 'stall' | null;
  readonly net?: { readonly code: string | null; readonly message: string; readonly requestBodyBytes?: number };
  readonly timing?: { readonly beforeHeadersMs?: number; readonly eventGapMs?: number; readonly resetAfterMs?: number };
  readonly expect: {
    readonly retryable: boolean;
    readonly type: string;
    readonly action: 'retry' | 'retry-after' | 'resume' | 'fallback' | 'queue' | 'surface';
    readonly why: string;
    readonly attempts: number;
  };
}

const folder = new URL('./corpus/', import.meta.url);
let loaded: readonly CorpusCase[] | null = null;

/** All recorded cases, by id. Read once, on first use. */
export function corpus(): readonly CorpusCase[] {
  loaded ??= readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
  return loaded;
}

/** Cases that no server on a plain port can bring about, with the reason. */
export const notPlayable: ReadonlyMap<string, string> = new Map([
  ['client-streaming-required', 'the client throws it before any byte leaves'],
  ['net-h2-goaway', 'it needs HTTP/2, and the simulator speaks HTTP/1.1'],
  ['net-tls-self-signed', 'it needs TLS, and the simulator speaks plain HTTP'],
]);

/** A case as a fault under its id. */
export function corpusFault(recorded: CorpusCase): Fault {
  const early = ['connect', 'headers', 'first-event', 'body'].includes(recorded.phase);
  return {
    name: recorded.id,
    summary: recorded.expect.why,
    phase: early ? 'pre-content' : 'mid-stream',
    beforeBody: recorded.phase === 'connect',
    play: (exchange) => playCase(recorded, exchange),
  };
}

/** Every case that can be played. */
export function corpusFaults(): readonly Fault[] {
  return corpus()
    .filter((recorded) => !notPlayable.has(recorded.id))
    .map(corpusFault);
}

/** @throws RidethroughError `invalid_usage` for what is no corpus case */
export function readCase(value: unknown, where: string): CorpusCase {
  const recorded = value as Partial<CorpusCase> | null;
  const whole =
    typeof recorded?.id === 'string' &&
    typeof recorded.http === 'object' &&
    (typeof recorded.body === 'string' || Array.isArray(recorded.sse) || typeof recorded.then === 'string');
  if (whole) return recorded as CorpusCase;
  throw new RidethroughError('invalid_usage', `${where} is no corpus case: it needs id, http, and body, sse or then.`);
}
