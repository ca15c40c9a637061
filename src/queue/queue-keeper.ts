import type { Call, RawHeaders } from '../core/call.ts';
import type { QueueSettings } from '../core/limits.ts';
import { type Keeper, queuedBatchId } from '../engine/keeper.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { removeMember } from '../wire/json-edit.ts';
import { scanMembers } from '../wire/json-scan.ts';
import type { Keyring } from './keyring.ts';
import { offloadHeldMs } from './limits.ts';
import type { Desk } from './queue.ts';

/** Members that bind a request to state which will have moved on by the time the queue sends it. */
const bound = ['thread', 'container'] as const;
const scanned: ReadonlySet<string> = new Set([...bound, 'stream']);
/** Headers about the exchange with this caller, not about what it asked. */
const ofTheExchange: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'x-stainless-timeout',
  'x-stainless-read-timeout',
  'x-stainless-retry-count',
  'x-stainless-helper-method',
]);

/** Puts exhausted calls into the queue: each becomes a batch of one, known by the id of the call. */
export function queueKeeper(desk: Desk, keyring: Keyring, settings: () => QueueSettings): Keeper {
  return {
    async keep(call) {
      const { body } = call;
      const members = body instanceof Uint8Array ? scanMembers(body, scanned) : null;
      if (!(body instanceof Uint8Array) || members === null) return 'its body cannot be read';
      const binding = bound.find((name) => members.has(name));
      if (binding !== undefined) return `a request with \`${binding}\` cannot be sent later`;
      const kept = await desk.put({
        ...keyring.identify(call.caller),
        id: queuedBatchId(call.id),
        expiresInMs: settings().expires * 1000,
        heldMs: call.priority === 'batch' ? offloadHeldMs : 0,
        // Nobody reads along when the queue sends it, so it is asked for in one piece.
        items: [itemOf(call, members.has('stream') ? removeMember(body, 'stream') : body)],
      });
      return kept === 'kept' ? null : 'the queue is full';
    },
  };
}

function itemOf(call: Call, body: Uint8Array) {
  return {
    id: call.id,
    customId: call.id,
    path: call.path,
    headers: [...withoutHeaders(call.headers, ofTheExchange), ...fallbackWish(call)],
    body,
    model: call.facts?.model ?? '',
    priority: call.priority,
  };
}

/** Which models may answer is the caller's to say, later too. The engine's intake reads it as it came. */
function fallbackWish({ fallback }: Call): RawHeaders {
  if (fallback === null) return [];
  return ['ridethrough-fallback', fallback === 'off' ? 'off' : fallback.join(',')];
}
