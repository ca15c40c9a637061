import type { Endpoint, RawHeaders } from '../core/call.ts';
import type { FailureClass } from '../core/outcome.ts';
import { saysMoney, typeInMessage } from './disguises.ts';
import type { ErrorBody } from './error-body.ts';
import { headerOf } from './headers.ts';
import { serverWaitMs, statedWaitMs } from './retry-after.ts';
import { type Verdict, verdictOfStatus, verdictOfType } from './verdicts.ts';

/** What is known of an error response when it is judged. */
export interface Evidence {
  readonly body: ErrorBody;
  readonly headers: RawHeaders;
  /** null for an error inside a 200. */
  readonly status: number | null;
  readonly endpoint: Endpoint['name'];
  /** `Clock.now()`. */
  readonly nowMs: number;
}

/** A verdict with what follows from it; the members are those of `Failure`. */
export interface Judgement extends Verdict {
  readonly waitMs: number | null;
  readonly cooldown: boolean;
  readonly permanent: boolean;
}

/** Classes of failures that are the server's: another route may do better (R4). */
const serverSide: ReadonlySet<FailureClass> = new Set(['overload', 'server', 'timeout', 'rate-limit']);

/** Judges by `error.details.error_code`, `error.type`, status and wording, and over all by `x-should-retry`. */
export function judge(evidence: Evidence): Judgement {
  const verdict = refine(evidence, basicVerdict(evidence));
  const limited = verdict.type === 'rate_limit_error' && verdict.class !== 'spend-limit';
  const waitMs = (limited ? serverWaitMs : statedWaitMs)(evidence.headers, evidence.body.json, evidence.nowMs);
  return obeyAdvice(evidence, {
    ...verdict,
    waitMs,
    cooldown: limited && waitMs !== null,
    permanent: verdict.action !== 'retry' && !limited,
  });
}

function basicVerdict({ body, ...evidence }: Evidence): Verdict {
  const status = evidence.status ?? body.status;
  const typed = body.type === null ? null : verdictOfType(body.type);
  if (typed !== null && isTelling(typed, status)) return typed;
  const hidden = body.message === null ? null : typeInMessage(body.message);
  const unmasked = hidden === null ? null : verdictOfType(hidden);
  if (unmasked !== null) return unmasked;
  if (status === null) return typed ?? verdictOfStatus(500);
  const verdict = verdictOfStatus(status);
  // The API's types may grow: a new one is reported as it is, and judged by its status.
  const isNew = typed === null && body.type !== null && body.json?.type === 'error';
  return isNew ? { ...verdict, type: body.type } : verdict;
}

/** The two types that relays put on everything yield to what says more: a particular 4xx, the wording of an `api_error`. */
function isTelling(typed: Verdict, status: number | null): boolean {
  if (typed.type === 'api_error') return false;
  if (typed.type !== 'invalid_request_error') return true;
  return status === null || status === 400 || status >= 500;
}

/** What `error_code`, wording or headers say beyond the type. */
function refine(evidence: Evidence, verdict: Verdict): Verdict {
  const { body, headers, endpoint } = evidence;
  if (body.code?.endsWith('spend_limit_reached') || (body.message !== null && saysMoney(body.message))) {
    const type = verdict.type === 'rate_limit_error' ? verdict.type : 'billing_error';
    return { ...(verdictOfType(type) as Verdict), class: 'spend-limit', action: 'surface' };
  }
  // The upload was too slow and nothing was done: it may be sent again as it is.
  if (body.code === 'request_body_timeout') return { ...verdict, class: 'timeout', action: 'retry' };
  if (verdict.type === 'not_found_error' && isMissingModel(body, endpoint)) {
    return { ...verdict, class: 'model', action: 'next-route' };
  }
  // The plan's windows allow the call; only the model that is paid from overage is refused.
  const claim = headerOf(headers, 'anthropic-ratelimit-unified-representative-claim');
  if (verdict.class === 'rate-limit' && claim === 'seven_day_overage_included') {
    return { ...verdict, class: 'model', action: 'next-route' };
  }
  return verdict;
}

/** A 404 with an `error_code` is about something else that the request names: a thread, a file. */
function isMissingModel(body: ErrorBody, endpoint: Endpoint['name']): boolean {
  if (body.message !== null && /^model:/i.test(body.message)) return true;
  const asksModel = endpoint === 'messages' || endpoint === 'count_tokens';
  return asksModel && body.type === 'not_found_error' && body.code === null;
}

/**
 * `x-should-retry: false` means "not on this route" (R4). `true` makes a client error that would be
 * surfaced worth a retry, money excepted. A header that came with a 200 knew nothing of the error after it.
 */
function obeyAdvice({ headers, status }: Evidence, judged: Judgement): Judgement {
  const advice = status === null ? null : headerOf(headers, 'x-should-retry');
  if (advice === 'false' && judged.action === 'retry') {
    return { ...judged, action: serverSide.has(judged.class) ? 'next-route' : 'surface', permanent: true };
  }
  const isClientError = status !== null && status >= 400 && status < 500;
  if (advice === 'true' && judged.action === 'surface' && isClientError && judged.class !== 'spend-limit') {
    return { ...judged, action: 'retry', permanent: false };
  }
  return judged;
}
