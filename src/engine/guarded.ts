import type { RawHeaders } from '../core/call.ts';
import type { ExchangeHandler, TransportError } from '../core/transport.ts';

/** What a timer or a stream calls, so that an error of our own is told to `onError` and does not end the process. */
export function guarded<T extends unknown[]>(
  callback: (...told: T) => void,
  onError: (error: unknown) => void,
): (...told: T) => void {
  return (...told) => {
    try {
      callback(...told);
    } catch (error) {
      onError(error);
    }
  };
}

/**
 * Keeps an error of our own from leaving a socket's callback, where it would end the process and
 * with it every other call: it ends this one exchange instead.
 */
export class GuardedHandler implements ExchangeHandler {
  readonly #inner: ExchangeHandler;
  readonly #onError: (error: unknown) => void;

  constructor(inner: ExchangeHandler, onError: (error: unknown) => void) {
    this.#inner = inner;
    this.#onError = onError;
  }

  started(reused: boolean): void {
    try {
      this.#inner.started(reused);
    } catch (error) {
      this.#onError(error);
    }
  }

  head(status: number, headers: RawHeaders): void {
    try {
      this.#inner.head(status, headers);
    } catch (error) {
      this.#onError(error);
    }
  }

  data(chunk: Uint8Array): void {
    try {
      this.#inner.data(chunk);
    } catch (error) {
      this.#onError(error);
    }
  }

  end(): void {
    try {
      this.#inner.end();
    } catch (error) {
      this.#onError(error);
    }
  }

  failed(failure: TransportError): void {
    try {
      this.#inner.failed(failure);
    } catch (error) {
      this.#onError(error);
    }
  }
}
