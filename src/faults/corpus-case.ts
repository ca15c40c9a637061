import { RidethroughError } from '../core/errors.ts';

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
