import { took } from '../core/duration.ts';
import type { FailureClass } from '../core/outcome.ts';
import type { AttemptRecord, CallRecord, CallStory } from '../ledger/record.ts';
import type { Entry } from './catalogue/entry.ts';
import { entryOf } from './catalogue/index.ts';

/** One attempt of a call, told. */
export interface Step {
  readonly n: number;
  /** From the call's beginning, in milliseconds. */
  readonly afterMs: number;
  /** What was done and why, in one sentence. */
  readonly did: string;
  /** What came of it, in one sentence. */
  readonly came: string;
  /** Known about such a failure; null where it did not fail. */
  readonly entry: Entry | null;
  readonly requestId: string | null;
}

/** What became of one call, step by step, for people. Holds no prompt, answer or key. */
export interface Explanation {
  readonly id: string;
  /** What happened, in one sentence. */
  readonly summary: string;
  readonly steps: readonly Step[];
  /** How it ended, in one sentence. */
  readonly end: string;
  readonly advice: string;
}

/** Tells a call's story. */
export function explain({ call, attempts }: CallStory): Explanation {
  const beganAtMs = Date.parse(call?.at ?? attempts[0]?.at ?? '');
  const steps = attempts.map((attempt) => stepOf(attempt, beganAtMs));
  const failures = steps.flatMap(({ entry }) => entry ?? []);
  const last = failures.at(-1) ?? null;
  return {
    id: call?.id ?? attempts[0]?.call_id ?? '',
    summary: summaryOf({ call, attempts }, failures),
    steps,
    end: endOf(call),
    advice: adviceOf(call, last),
  };
}

function stepOf(attempt: AttemptRecord, beganAtMs: number): Step {
  const { n, at, result, request_id, body_request_id } = attempt;
  return {
    n,
    afterMs: Math.max(Date.parse(at) - beganAtMs, 0),
    did: didOf(attempt),
    came: cameOf(attempt),
    entry: result === 'failed' ? entryOfAttempt(attempt) : null,
    requestId: request_id ?? body_request_id,
  };
}

function entryOfAttempt(attempt: AttemptRecord): Entry {
  return entryOf({ class: (attempt.class ?? 'protocol') as FailureClass, code: attempt.code, status: attempt.status });
}

const reasons: Readonly<Record<string, string>> = {
  first: 'The request was sent to',
  retry: 'It was sent again, after a pause, to',
  replay: 'The connection was dead before it was used, so it was sent at once on a fresh one, to',
  fallback: 'It was sent to the next route of the configuration,',
  probe: 'The route had been shut for its failures; this request was let through to see whether it is back:',
  resume: 'A continuation of what had been said was asked for from',
};

function didOf({ reason, upstream, model }: AttemptRecord): string {
  return `${reasons[reason] ?? 'It was sent to'} ${upstream}${model === null ? '' : `/${model}`}.`;
}

function cameOf(attempt: AttemptRecord): string {
  const { result, status, type, code, total_ms, first_byte_ms, released, wait_ms } = attempt;
  const after = `after ${took(total_ms)}`;
  if (result === 'aborted') return `It was broken off ${after}: the caller left, or the gateway stopped.`;
  if (result === 'lost')
    return 'Its process ended while it was under way: nobody knows what came of it, and it may have been billed.';
  if (result === 'whole')
    return `A whole answer came, its first byte after ${took(first_byte_ms ?? total_ms)}, its last ${after}.`;
  const what = [status === null ? 'no answer' : `status ${status}`, type, code].filter(
    (part) => part !== null && part !== '',
  );
  const wait = wait_ms === null ? '' : ` The server asked to wait ${took(wait_ms)}.`;
  const where = released ? ' Part of the answer had reached the caller.' : ' Nothing of it had reached the caller.';
  return `It failed ${after}: ${what.join(', ')}.${where}${wait}`;
}

function summaryOf({ call, attempts }: CallStory, failures: readonly Entry[]): string {
  const titles = [...new Set(failures.map(({ title }) => lower(title)))];
  const met = titles.length === 0 ? 'nothing went wrong' : `it met: ${titles.join('; ')}`;
  if (call === null) return `The call is still under way, or its own record was dropped; so far ${met}.`;
  const times = attempts.length === 1 ? 'one attempt' : `${attempts.length} attempts`;
  if (call.result === 'aborted') return `The caller left before the end, after ${times}; ${met}.`;
  if (isTurnedAway(call)) return 'The call was turned away before anything was asked for it.';
  if (call.result === 'failed') return `The call failed after ${times}; ${met}.`;
  if (failures.length > 0) return `The caller got a whole answer after ${times}, although ${met}.`;
  return call.recovered.includes('fallback')
    ? 'The first route was shut; another one of the configuration gave a whole answer at once.'
    : 'The call went well at once.';
}

function endOf(call: CallStory['call']): string {
  if (call === null) return 'Its end is not recorded.';
  const after = `after ${took(call.total_ms)}`;
  if (call.result === 'aborted') return `The caller went away ${after}.`;
  if (call.result === 'whole') {
    const how = call.recovered.length === 0 ? '' : `, by ${call.recovered.join(' and ')}`;
    return `The answer was whole ${after}${how}.`;
  }
  const error = [call.error_type, call.error_code].filter((part) => part !== null && part !== '').join(', ');
  const kept = call.queued
    ? ` It was put into the queue as msgbatch_rt_${call.id}, where its answer can be read later.`
    : '';
  return `The caller was told ${call.status ?? 'nothing'}${error === '' ? '' : ` (${error})`} ${after}.${kept}`;
}

function isTurnedAway(call: CallRecord): boolean {
  return call.result === 'failed' && call.attempts === 0;
}

/** What a rate limit that is still waited out is known for; null where it was we who could not take the call. */
function heldBackBy(call: CallStory['call']): Entry | null {
  if (call === null || !isTurnedAway(call) || call.error_class === null) return null;
  return entryOf({ class: call.error_class as FailureClass, code: call.error_code, status: call.status });
}

function adviceOf(call: CallStory['call'], met: Entry | null): string {
  const last = met ?? heldBackBy(call);
  if (last === null && call !== null && isTurnedAway(call)) {
    return 'Every route was shut after failures, too many calls waited, or the gateway was stopping. Send it again, with more patience (ridethrough-deadline); `ridethrough diagnose` tells how it stands now.';
  }
  if (last === null || call?.result === 'whole') return 'Nothing has to be done.';
  if (call?.queued) return 'Nothing has to be done: read the answer from the queue.';
  return last.advice;
}

function lower(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}
