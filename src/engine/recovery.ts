import type { Body, Call } from '../core/call.ts';
import type { Limits } from '../core/limits.ts';
import type { Failure, FailureClass } from '../core/outcome.ts';
import { type ResumeRequest, resumeRequest } from '../wire/resume-request.ts';
import { Splicer } from '../wire/splice.ts';
import { Transcript } from '../wire/transcript.ts';
import { closingEvents } from '../wire/written-events.ts';
import { expectsManyTexts, releasesWholeText } from './release-wishes.ts';
import type { Route } from './routes.ts';

/** What can be done for a stream that broke after something had been released. */
export type Remedy =
  /** It can be ended where it stands: these are its last events. */
  | { readonly do: 'close'; readonly events: Uint8Array }
  /** It can be continued, with a wait before or without. */
  | { readonly do: 'resume'; readonly backoff: boolean }
  /** It ends as a typed error. */
  | { readonly do: 'surface' };

/** The next continuation: what to send, and what writes its answer into the caller's stream. */
export interface Continuation {
  readonly body: Uint8Array;
  readonly form: ResumeRequest['form'];
  readonly splicer: Splicer;
}

/** A route, and what it is sent. */
export interface Asked {
  readonly route: Route;
  readonly body: Body;
  /** It could not verify thinking: the history goes without, and so does the answer's own (R11). */
  readonly hidesThinking: boolean;
}

/** The upstream said nothing against us: the connection went, and a new one may do at once. */
const breaksOfTheWire: ReadonlySet<FailureClass> = new Set(['network', 'truncated', 'stalled', 'protocol']);

/**
 * What one call needs so that a stream which breaks in the middle is continued (R10): what has been
 * said, how often it was resumed, and the failure that the caller is told when nothing helps.
 */
export class Recovery {
  readonly #call: Call;
  readonly #limits: Limits['recovery'];
  readonly said = new Transcript();
  /** The failure that broke the stream first; never that of a resume. */
  original: Failure | null = null;
  #began: Route | null = null;
  #splicer: Splicer | null = null;
  #form: ResumeRequest['form'] | null = null;
  #resumes = 0;
  #inputTokens = 0;
  #cutTool: string | null = null;
  #noPause = false;

  constructor(call: Call, limits: Limits['recovery']) {
    this.#call = call;
    this.#limits = limits;
  }

  /** The stream broke, and is being continued. */
  get active(): boolean {
    return this.original !== null;
  }

  /** The first break, or one of a continuation that had begun: not a mere attempt at one. */
  get isNewBreak(): boolean {
    return this.#splicer === null || this.#splicer.begun;
  }

  /** The stream broke after something had been released. @param asked where it came from */
  broke(failure: Failure, asked: Asked): Remedy {
    this.original ??= failure;
    this.#began ??= asked.route;
    this.#splicer = null;
    const dropped = this.said.rollback();
    const tool = dropped.find((block) => block.type === 'tool_use');
    if (tool !== undefined) this.#cutTool = String(tool.start.name);
    // Half a block is out that cannot be continued: to close the turn would pass it for a whole one.
    if (this.said.opaque || this.#endsInside) return { do: 'surface' };
    // The call may run already; to ask again would run it twice.
    if (this.said.blocks.some((block) => block.type === 'tool_use' && block.stopped)) return this.#close('tool_use');
    const stopReason = this.said.final?.delta.stop_reason;
    if (typeof stopReason === 'string') return this.#close(stopReason);
    this.#resumes++;
    this.#inputTokens += inputTokens(this.said.message?.usage);
    const spent = this.#resumes > this.#limits.resumes || this.#inputTokens > this.#limits.max_input_tokens;
    if (spent) return { do: 'surface' };
    const request = this.#request(asked);
    if (request === 'spent') return this.#close('max_tokens');
    if (typeof request === 'string') return { do: 'surface' };
    return { do: 'resume', backoff: this.#resumes > 1 || !breaksOfTheWire.has(failure.class) };
  }

  /** True when this route can be asked to continue the answer. */
  canContinue(asked: Asked): boolean {
    return typeof this.#request(asked) !== 'string';
  }

  /** The continuation as this route is to be asked for it; null when it cannot be. */
  continue(asked: Asked): Continuation | null {
    // What an earlier attempt wrote down and never sent is forgotten.
    this.said.rollback();
    const request = this.#request(asked);
    if (typeof request === 'string') return null;
    this.#form = request.form;
    this.#splicer = this.#splicerFor(request, asked.hidesThinking);
    return { body: request.body, form: request.form, splicer: this.#splicer };
  }

  /** Writes an answer from its beginning, without what the model thinks. */
  withoutThinking(): Splicer {
    return this.#splicerFor({ form: 'opening', wantsTool: false }, true);
  }

  /** A resume was refused: the `paused` form is not taken everywhere. @returns true: there is another form to try */
  refused(): boolean {
    if (this.#form !== 'paused' || this.#noPause) return false;
    this.#noPause = true;
    return true;
  }

  /** Plain text is continued, and thinking that was streamed on request is closed with a mark; of all else half is too much. */
  get #endsInside(): boolean {
    const { open } = this.said;
    if (open === null) return false;
    // Released by delta on request, JSON and cited text are as little to be continued as they would be otherwise.
    if (open.type === 'text') return this.#call.release === 'delta' && releasesWholeText(this.#call);
    return open.type !== 'thinking' || this.#call.thinking !== 'stream';
  }

  #request({ route, body, hidesThinking }: Asked): ReturnType<typeof resumeRequest> {
    if (!(body instanceof Uint8Array) || this.#call.facts === null || this.#call.endpoint.name !== 'messages')
      return 'opaque';
    const keepsThinking = route.model === this.#began?.model && !hidesThinking;
    const circumstances = { keepsThinking, cutTool: this.#cutTool, noPause: this.#noPause };
    return resumeRequest(body, route.model as string, this.said, circumstances);
  }

  #splicerFor(request: Pick<ResumeRequest, 'form' | 'wantsTool'>, hidesThinking: boolean): Splicer {
    return new Splicer(this.said, request, { manyTexts: expectsManyTexts(this.#call), hidesThinking });
  }

  #close(stopReason: string): Remedy {
    return { do: 'close', events: closingEvents(this.said, stopReason) };
  }
}

function inputTokens(usage: unknown): number {
  const counts = (usage ?? {}) as Record<string, unknown>;
  const names = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'];
  return names.reduce((sum, name) => sum + (typeof counts[name] === 'number' ? counts[name] : 0), 0);
}
