import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Flow, RawHeaders, Reply } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Problem } from '../engine/intake.ts';
import { renderProblem } from './error-response.ts';
import { hasBody, type WholeBody } from './request-body.ts';

/**
 * A caller that is still sending when its answer is complete may go on for this long. Closing at
 * once would reset the connection, and most clients then never read the answer.
 */
export const lingerMs = 10_000;

export interface ReplyDeps {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * One request on one socket: where the engine writes its answer, and what tells the engine that
 * the caller left or caught up.
 */
export class SocketReply implements Reply {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #random: Random;
  #flow: Flow | null = null;
  #over = false;
  #wrote = false;
  #broken = false;
  /** The request's body while it is held; given back when the answer has been sent, or the caller has left. */
  upload: WholeBody | null = null;
  /** Called when the answer has been sent, or the caller has left. */
  onClosed: (() => void) | null = null;
  /** The caller waits for `100 Continue` before it sends its body. */
  #expects: boolean;

  constructor(request: IncomingMessage, response: ServerResponse, deps: ReplyDeps, expects: boolean) {
    this.#request = request;
    this.#response = response;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#expects = expects;
    response.on('close', () => {
      if (!this.#over) this.#flow?.abort();
      this.#over = true;
      this.upload?.drop();
      this.onClosed?.();
    });
  }

  /** Part of the request is still to come. `complete` alone will not do: it turns true after the head was handled. */
  get #bodyPending(): boolean {
    return !this.#request.complete && hasBody(this.#request);
  }

  /** The caller is gone, or has its answer. */
  get over(): boolean {
    return this.#over;
  }

  /** Connects the call, once it runs. */
  attach(flow: Flow): void {
    this.#flow = flow;
  }

  /** Asks for the body, if the caller waits to be asked. */
  invite(): void {
    if (this.#expects && !this.#over) this.#response.writeContinue();
    this.#expects = false;
  }

  head(status: number, headers: RawHeaders): void {
    if (this.#over) return;
    this.#response.writeHead(status, headers);
    // A head whose body is late must not wait for it; one that has its body beside it shares its packet.
    process.nextTick(flushLateHead, this);
  }

  write(chunk: Uint8Array): boolean {
    if (this.#over) return true;
    this.#wrote = true;
    const ready = this.#response.write(chunk);
    // `once`: most answers never need it, and it fires once for each time the reader fell behind.
    if (!ready && this.#response.listenerCount('drain') === 0) this.#response.once('drain', () => this.#caughtUp());
    return ready;
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#finish();
  }

  destroy(_error: Error): void {
    if (this.#over) return;
    this.#over = true;
    // To an HTTP/1.0 reader the end of the connection is the end of the body: only a reset is a break.
    if (this.#request.httpVersionMinor === 0) this.#request.socket.resetAndDestroy();
    else this.#response.destroy();
  }

  /** Ends the call, and answers with an error of our own where the head is not out yet. */
  refuse(problem: Problem): void {
    if (this.#over) return;
    this.#flow?.abort();
    if (this.#response.headersSent) {
      this.destroy(new Error(problem.message));
      return;
    }
    this.#over = true;
    const { headers, body } = renderProblem(problem, this.#random.id());
    if (this.#bodyPending) headers.push('connection', 'close');
    this.#response.writeHead(problem.status, headers);
    this.#response.write(body);
    this.#finish();
  }

  /**
   * The parser gave up on the rest of the connection.
   * @returns false when that is no part of this request
   */
  breakOff(problem: Problem): boolean {
    if (!this.#bodyPending || this.#response.socket === null) return false;
    this.#broken = true;
    if (!this.#over) this.refuse(problem);
    this.#response.end();
    this.#request.socket.destroySoon();
    return true;
  }

  /** Sends the head now if nothing followed it so far. */
  flushHead(): void {
    if (!this.#wrote && !this.#over) this.#response.flushHeaders();
  }

  #caughtUp(): void {
    if (!this.#over) this.#flow?.resume();
  }

  #finish(): void {
    const request = this.#request;
    // One that was never asked for its body will not send it.
    if (!this.#bodyPending || this.#expects || this.#broken || request.destroyed) {
      this.#response.end();
      return;
    }
    const timer = this.#clock.after(lingerMs, () => {
      this.#response.end();
      request.socket.destroySoon();
    });
    this.#response.once('close', () => this.#clock.cancel(timer));
    // Whoever read the body until now reads no more: what still comes is discarded.
    request.removeAllListeners('data');
    request.once('end', () => this.#response.end());
    request.resume();
  }
}

function flushLateHead(reply: SocketReply): void {
  reply.flushHead();
}
