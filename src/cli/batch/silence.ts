import type { AttemptEvent, Observer } from '../../core/events.ts';
import type { FailureClass } from '../../core/outcome.ts';
import { countsAgainstRoute } from '../../core/outcome.ts';
import { failureWords } from '../send/progress.ts';
import { clean } from '../text.ts';

/** A shorter time without an answer is told to nobody: one attempt in a while fails, and another one is made. */
const silenceMsMin = 5_000;

/** That the API does not answer a run. */
export interface Silence {
  /** `Clock.now()` of the last answer; where there was none, of the run's begin. */
  readonly sinceMs: number;
  /** What the last attempt met, in words, with status and type of error: `the upstream is overloaded (529 overloaded_error)`. */
  readonly failure: string;
}

/** Notices that no answers come any more. Watches the engine; its time comes with the events. */
export class AnswerWatch implements Observer {
  #answeredAtMs: number;
  #failure: string | null = null;

  /** @param startedAtMs `Clock.now()` when the run began */
  constructor(startedAtMs: number) {
    this.#answeredAtMs = startedAtMs;
  }

  attempt(event: AttemptEvent): void {
    if (event.aborted) return;
    if (event.failure !== null && isNoAnswer(event.failure)) {
      this.#failure = describe(event.failure, event);
      return;
    }
    this.#answeredAtMs = event.startedAtMs + event.totalMs;
    this.#failure = null;
  }

  /** null while answers come, and where none has failed to: calls and batches take their time. */
  silence(nowMs: number): Silence | null {
    if (this.#failure === null || nowMs - this.#answeredAtMs < silenceMsMin) return null;
    return { sinceMs: this.#answeredAtMs, failure: this.#failure };
  }
}

/** A refusal of the request itself is an answer: it becomes the result of its line. */
function isNoAnswer(failure: FailureClass): boolean {
  return countsAgainstRoute(failure) || failure === 'rate-limit' || failure === 'tls';
}

function describe(failure: FailureClass, { status, error }: AttemptEvent): string {
  // A failure without an error's status has a type only because callers must be told one; its code says more.
  const type = status !== null && status >= 400 ? error?.type : error?.code;
  const facts = [status, type].filter((fact) => fact !== null && fact !== undefined).join(' ');
  return facts === '' ? failureWords[failure] : `${failureWords[failure]} (${clean(facts)})`;
}
