/** What can go wrong by wrong use, as opposed to failures of an upstream, which are `Failure` values. */
export type RidethroughErrorCode =
  | 'invalid_config'
  | 'invalid_usage'
  | 'unsafe_bind'
  | 'port_in_use'
  | 'unreadable_file'
  | 'unusable_store';

/** An error whose message is one sentence that says what happened and what to do. */
export class RidethroughError extends Error {
  readonly code: RidethroughErrorCode;

  constructor(code: RidethroughErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RidethroughError';
    this.code = code;
  }
}

/** The code of an error of the system or of a library (`ENOENT`); null where it has none. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
