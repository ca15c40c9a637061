import type { AttemptEvent } from '../core/events.ts';
import type { FailureClass } from '../core/outcome.ts';

/** Failures after which the upstream may have answered, and billed, all the same. */
const answerLost: ReadonlySet<FailureClass> = new Set(['timeout', 'network', 'protocol', 'truncated', 'stalled']);

/** Whether an exchange may have been billed though its answer was lost: sent again, it may be billed twice. */
export function mayBeBilled({ bytesSent, failure, aborted }: AttemptEvent): boolean {
  if (bytesSent === 0) return false;
  return aborted || (failure !== null && answerLost.has(failure));
}
