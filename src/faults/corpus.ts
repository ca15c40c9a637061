import { readdirSync, readFileSync } from 'node:fs';
import type { CorpusCase } from './corpus-case.ts';
import { playCase } from './corpus-player.ts';
import type { Fault } from './fault.ts';

export type { CorpusCase } from './corpus-case.ts';

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
