import type { Transcript } from './transcript.ts';

/** What is wished of a follower of a stream. */
export interface MessageStreamOptions {
  /** False with `eager_input_streaming`: the API itself then permits broken arguments. Default true. */
  readonly validateTools?: boolean;
  /** True: text is released by whole block too (citations, web tools, JSON output). Default false. */
  readonly wholeText?: boolean;
  /** True: every block is released by delta, and arguments are not checked (`ridethrough-release: delta`). Default false. */
  readonly byDelta?: boolean;
  /** True: the transcript is to have everything, also what is released in pieces. Default false. */
  readonly keepsAll?: boolean;
  /** Where to write down what the stream says, and how much of it was released; default one of its own. */
  readonly transcript?: Transcript;
}
