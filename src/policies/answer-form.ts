import type { RequestFacts } from '../core/call.ts';
import type { FailureClass } from '../core/outcome.ts';

/** How an upstream is asked for an answer: event by event, or in one piece. */
export type AnswerForm = 'stream' | 'whole';

/** `collect` of the configuration. */
export type CollectMode = 'auto' | 'always' | 'off';

/** From so many tokens on an answer may take longer than an idle connection lives. */
const longAnswerTokens = 4096;
/** Streams that die right after their first chunk, in a row, before the answer is fetched in one piece. */
const firstChunkResetsMax = 3;

/**
 * Chooses for each attempt how the upstream is asked (R12), whatever the caller asked for: a long
 * answer in one piece is streamed and collected, so that silence and death can be told apart; and
 * where something on the way kills every stream, the answer is fetched whole and told as events.
 */
export class AnswerFormChoice {
  readonly #asked: AnswerForm;
  #collects: boolean;
  readonly #mayCollect: boolean;
  #firstChunkResets = 0;

  constructor(mode: CollectMode, facts: RequestFacts) {
    this.#asked = facts.stream ? 'stream' : 'whole';
    this.#mayCollect = mode !== 'off' && facts.maxTokens !== null && facts.maxTokens > 0;
    const long = (facts.maxTokens ?? 0) > longAnswerTokens || facts.thinks;
    this.#collects = mode === 'always' || (mode === 'auto' && long);
  }

  get current(): AnswerForm {
    if (this.#asked === 'stream') return this.#firstChunkResets >= firstChunkResetsMax ? 'whole' : 'stream';
    return this.#collects && this.#mayCollect ? 'stream' : 'whole';
  }

  /**
   * An attempt failed before anything had reached the caller.
   * @param status of the response; null when none came
   * @param brokenTool the answer was whole but for a tool's arguments, which a collected one cannot show
   */
  failed(failure: FailureClass, status: number | null, brokenTool: boolean): void {
    if (this.#asked === 'stream') {
      const reset = failure === 'network' && status === 200;
      this.#firstChunkResets = reset ? this.#firstChunkResets + 1 : 0;
    } else if (brokenTool) {
      this.#collects = false;
    } else if (status === 504 || status === 524) {
      // To ask again in one piece would only time out again.
      this.#collects = true;
    }
  }
}
