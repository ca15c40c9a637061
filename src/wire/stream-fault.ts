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
