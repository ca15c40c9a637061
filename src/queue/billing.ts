import type { AttemptEvent } from '../core/events.ts';
import { answerLost } from '../core/outcome.ts';

/** Whether an exchange may have been billed though its answer was lost: sent again, it may be billed twice. */
export function mayBeBilled({ bytesSent, failure, aborted }: AttemptEvent): boolean {
  if (bytesSent === 0) return false;
  return aborted || (failure !== null && answerLost.includes(failure));
}
