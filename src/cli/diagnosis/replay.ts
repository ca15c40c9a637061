import type { AttemptEvent, AttemptReason } from '../../core/events.ts';
import type { FailureAction, FailureClass } from '../../core/outcome.ts';
import { HealthModel } from '../../health/model.ts';
import { eachStory } from '../../ledger/query.ts';
import type { AttemptRecord, CallRecord, CallStory } from '../../ledger/record.ts';
import type { Store } from '../../store/store.ts';

/** A call that has ended, with its attempts. */
type Ended = CallStory & { readonly call: CallRecord };

/** A verdict needs the last minutes; of a busy hour the newest calls are enough. */
const callsMax = 20_000;

/** Plays what the ledger has of a time through a health model, as if it happened now. */
export async function replay(store: Store, sinceMs: number, untilMs: number): Promise<HealthModel> {
  const stories: Ended[] = [];
  for await (const story of eachStory(store, { sinceMs, untilMs })) {
    if (stories.push(story) >= callsMax) break;
  }
  return play(stories);
}

/** Plays calls through a health model, in the order in which their attempts and they themselves ended. */
export function play(stories: readonly Ended[]): HealthModel {
  const events: { readonly atMs: number; readonly tell: (model: HealthModel) => void }[] = [];
  for (const { call, attempts } of stories) {
    const atMs = Date.parse(call.at) + call.total_ms;
    events.push({ atMs, tell: (model) => model.call(callEnd(call)) });
    for (const attempt of attempts) {
      const event = attemptEvent(attempt, call);
      events.push({ atMs: event.startedAtMs + event.totalMs, tell: (model) => model.attempt(event) });
    }
  }
  const model = new HealthModel();
  for (const { tell } of events.sort((a, b) => a.atMs - b.atMs)) tell(model);
  return model;
}

function callEnd(call: CallRecord) {
  const failed = call.result === 'failed';
  return {
    receivedAtMs: Date.parse(call.at),
    totalMs: call.total_ms,
    result: call.result === 'lost' ? 'aborted' : call.result,
    error: failed ? { class: call.error_class as FailureClass | null } : null,
  };
}

function attemptEvent(record: AttemptRecord, call: CallRecord): AttemptEvent {
  const { upstream, model, type, code, wait_ms: waitMs } = record;
  const failure = record.result === 'failed' ? (record.class as FailureClass | null) : null;
  const action = (record.action ?? 'surface') as FailureAction;
  return {
    callId: record.call_id,
    index: record.n,
    reason: record.reason as AttemptReason,
    route: model === null ? upstream : `${upstream}/${model}`,
    upstream,
    model,
    credential: record.credential,
    caller: call.caller,
    priority: 'default',
    startedAtMs: Date.parse(record.at),
    totalMs: record.total_ms,
    firstByteMs: record.first_byte_ms,
    status: record.status,
    requestId: record.request_id,
    bodyRequestId: record.body_request_id,
    failure,
    aborted: record.result === 'aborted' || record.result === 'lost',
    error: failure === null ? null : { type: type ?? '', code, action, waitMs },
    released: record.released,
    bytesSent: record.bytes_sent,
    bytesReceived: record.bytes_received,
    tokens: () => null,
  };
}
