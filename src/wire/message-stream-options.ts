import type { ReleaseWishes } from './release-gate.ts';
import type { Transcript } from './transcript.ts';

/** What is wished of a follower of a stream. */
export interface MessageStreamOptions extends ReleaseWishes {
  /** False with `eager_input_streaming`: the API itself then permits broken arguments. Default true. */
  readonly validateTools?: boolean;
  /** True: the transcript is to have everything, also what is released in pieces. Default false. */
  readonly keepsAll?: boolean;
  /** Where to write down what the stream says, and how much of it was released; default one of its own. */
  readonly transcript?: Transcript;
}
