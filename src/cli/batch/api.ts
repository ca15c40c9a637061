import type { RawHeaders } from '../../core/call.ts';
import type { Answer } from '../../queue/collect-answer.ts';

/** The API as a run asks it. Answers are read whole, but for results. */
export class BatchApi {
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  /** @param signal ends everything that is under way */
  constructor(
    fetchIt: (url: string, init: RequestInit) => Promise<Response>,
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) {
    this.#fetch = fetchIt;
    this.#url = url;
    this.#headers = headers;
    this.#signal = signal;
  }

  /** @returns null when the answer broke off @throws the signal's reason */
  async ask(
    method: string,
    path: string,
    body: Uint8Array | null = null,
    deadlineSeconds = 60,
  ): Promise<Answer | null> {
    const response = await this.#send(method, path, body, deadlineSeconds);
    const headers: RawHeaders = [];
    for (const [name, value] of response.headers) headers.push(name, value);
    try {
      return { status: response.status, headers, body: new Uint8Array(await response.arrayBuffer()) };
    } catch (error) {
      if (this.#signal.aborted) throw error;
      return null;
    }
  }

  /** The lines of a download. @throws Error when it is not to be had, or breaks off */
  async *lines(path: string): AsyncGenerator<string> {
    const response = await this.#send('GET', path, null, 600);
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    let rest = '';
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  }

  #send(method: string, path: string, body: Uint8Array | null, deadlineSeconds: number): Promise<Response> {
    const headers = { ...this.#headers, 'ridethrough-deadline': String(deadlineSeconds) };
    const init = { method, headers, signal: this.#signal };
    return this.#fetch(`${this.#url}${path}`, body === null ? init : { ...init, body: Buffer.from(body) });
  }
}
