/** Why a stream can no longer be trusted. */
export interface StreamFault {
  /** `error-event`: the upstream said so; `protocol`: the stream breaks the protocol; `tool-json`: a tool's arguments are not JSON though the model finished. */
  readonly kind: 'error-event' | 'protocol' | 'tool-json';
  /** One sentence of what broke. Quotes no content. */
  readonly message: string;
  /** For `error-event`: its data, verbatim; null for the other kinds. */
  readonly body: Uint8Array | null;
}

/** A fault of the kind `protocol`. */
export function protocolFault(message: string): StreamFault {
  return { kind: 'protocol', message, body: null };
}

/** The model was stopped from outside, so that a tool's arguments may end anywhere: a true answer. */
const cuttingStopReasons = new Set(['max_tokens', 'model_context_window_exceeded', 'refusal', 'pause_turn']);

/** The fault of a finished answer with arguments of a tool that are no JSON; null where it may have such. */
export function brokenToolFault(stopReason: string | null): StreamFault | null {
  if (cuttingStopReasons.has(stopReason ?? '')) return null;
  return { kind: 'tool-json', message: 'The model finished, but the arguments of a tool are not JSON.', body: null };
}
