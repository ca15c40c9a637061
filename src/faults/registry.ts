import { corpusFaults } from './corpus.ts';
import type { Fault } from './fault.ts';
import { brokenJson } from './kinds/broken-json.ts';
import { compressed } from './kinds/compressed.ts';
import { cutAt, cutClean, cutError, cutReset, cutStall } from './kinds/cut.ts';
import { empty200 } from './kinds/empty-200.ts';
import { errorAfterMessageStart } from './kinds/error-after-message-start.ts';
import { errorFirstEvent } from './kinds/error-first-event.ts';
import { errorMidText, errorMidThinking, errorMidTool } from './kinds/error-mid-stream.ts';
import { errorUnder200 } from './kinds/error-under-200.ts';
import { firstChunkReset } from './kinds/first-chunk-reset.ts';
import { hangBeforeHead } from './kinds/hang-before-head.ts';
import { html200 } from './kinds/html-200.ts';
import { htmlEdgePage } from './kinds/html-edge-page.ts';
import { internalError } from './kinds/internal-error.ts';
import { jsonForStream } from './kinds/json-for-stream.ts';
import { overloaded } from './kinds/overloaded.ts';
import { pingsOnly } from './kinds/pings-only.ts';
import { rateLimited } from './kinds/rate-limited.ts';
import { refuse } from './kinds/refuse.ts';
import { resetAfterHead } from './kinds/reset-after-head.ts';
import { resetBeforeHead } from './kinds/reset-before-head.ts';
import { slowBody } from './kinds/slow-body.ts';
import { staleKeepAlive } from './kinds/stale-keep-alive.ts';
import { stallAfterHead } from './kinds/stall-after-head.ts';
import { stallMidText } from './kinds/stall-mid-text.ts';
import { truncatedBody } from './kinds/truncated-body.ts';
import { unavailableText } from './kinds/unavailable-text.ts';

/** The faults that are made, not recorded, in the order in which they strike. */
export const faults: readonly Fault[] = [
  refuse,
  resetBeforeHead,
  staleKeepAlive,
  hangBeforeHead,
  internalError,
  unavailableText,
  overloaded,
  rateLimited,
  htmlEdgePage,
  html200,
  empty200,
  errorUnder200,
  compressed,
  jsonForStream,
  resetAfterHead,
  stallAfterHead,
  errorFirstEvent,
  firstChunkReset,
  errorAfterMessageStart,
  pingsOnly,
  slowBody,
  cutClean,
  cutReset,
  cutStall,
  cutError,
  truncatedBody,
  brokenJson,
  stallMidText,
  errorMidText,
  errorMidThinking,
  errorMidTool,
];

/** Every fault that can be named: those above, then the recorded cases by their id. */
export function allFaults(): readonly Fault[] {
  return [...faults, ...corpusFaults()];
}

let byName: ReadonlyMap<string, Fault> | null = null;

/** The fault of that name, a cut at a certain byte (`cut-reset@512`) among them; undefined where there is none. */
export function findFault(name: string): Fault | undefined {
  byName ??= new Map(allFaults().map((fault) => [fault.name, fault]));
  return byName.get(name) ?? cutAt(name) ?? undefined;
}
