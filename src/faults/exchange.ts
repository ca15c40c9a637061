import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RawHeaders } from '../core/call.ts';
import { type Clock, wait } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { type Answer, type ApiRequest, rayId } from './api/answering.ts';
import type { Exchange, Waits } from './fault.ts';
import { answerHeaders, sendAnswer } from './play.ts';
import type { Latency } from './scenario.ts';

/** What an exchange needs of the simulator it is part of. */
export interface ExchangeContext {
  readonly clock: Clock;
  /** This attempt's own generator, for the spread of its latency. */
  readonly random: Random;
  readonly latency: Latency;
  readonly waits: Waits;
  readonly waitScale: number;
  readonly requestId: string;
  answer(): Answer | Promise<Answer>;
  onHead(status: number): void;
  onBroken(): void;
  resetNext(socket: Socket): void;
}

/** An exchange over a `node:http` response, with its hands on the socket. */
export class HttpExchange implements Exchange {
  readonly request: ApiRequest;
  readonly #response: ServerResponse;
  readonly #context: ExchangeContext;
  readonly #left = new AbortController();
  /** Lets the write under way go on; a client that is gone would never do it. */
  #written: () => void = () => {};

  constructor(request: ApiRequest, response: ServerResponse, context: ExchangeContext) {
    this.request = request;
    this.#response = response;
    this.#context = context;
    // What is written to a connection that has just broken is an error to `node:http`, and none to us.
    response.on('error', () => {});
    response.on('close', () => {
      // A reason of our own spares the DOMException that would be made for each answer.
      this.#left.abort('closed');
      this.#written();
    });
  }

  get requestId(): string {
    return this.#context.requestId;
  }

  get waits(): Waits {
    return this.#context.waits;
  }

  scaled(durationMs: number): number {
    return durationMs * this.#context.waitScale;
  }

  answer(): Answer | Promise<Answer> {
    return this.#context.answer();
  }

  apiHeaders(contentType: string): RawHeaders {
    return [
      'content-type',
      contentType,
      'request-id',
      this.requestId,
      'anthropic-organization-id',
      'f3c1a5d0-7f1e-4c55-9d0b-5a3f6f0c2b11',
      'cf-ray',
      rayId(this.requestId),
      'cf-cache-status',
      'DYNAMIC',
      'server',
      'cloudflare',
      'x-robots-tag',
      'none',
    ];
  }

  send(status: number, headers: RawHeaders, body: string | Uint8Array): void {
    if (this.#response.destroyed) return;
    this.#context.onHead(status);
    this.#response.writeHead(status, [...headers, 'content-length', String(Buffer.byteLength(body))]);
    this.#response.end(body);
  }

  head(status: number, headers: RawHeaders): void {
    if (this.#response.destroyed) return;
    this.#context.onHead(status);
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
  }

  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#response.destroyed) return resolve();
      this.#written = resolve;
      this.#response.write(data, () => resolve());
    });
  }

  end(data?: string | Uint8Array): void {
    if (!this.#response.destroyed) this.#response.end(data);
  }

  reset(): void {
    if (this.#left.signal.aborted) return;
    this.#context.onBroken();
    this.#response.socket?.resetAndDestroy();
  }

  close(): void {
    if (this.#left.signal.aborted) return;
    this.#context.onBroken();
    // What was written goes out first.
    this.#response.socket?.destroySoon();
  }

  resetNext(): void {
    if (this.#response.socket !== null) this.#context.resetNext(this.#response.socket);
  }

  wait(delayMs: number): Promise<boolean> {
    return wait(this.#context.clock, delayMs, this.#left.signal);
  }

  async pace(frames: ReadonlyArray<string | Uint8Array>): Promise<boolean> {
    const { eventMs } = this.#context.latency;
    for (const frame of frames) {
      const there = eventMs === 0 || (await this.wait(this.#spread(eventMs)));
      if (!there) return false;
      await this.write(frame);
    }
    return !this.#left.signal.aborted;
  }

  /** The healthy answer; in one go where the scenario has no latency. */
  async sendHealthy(): Promise<void> {
    const { firstByteMs, eventMs } = this.#context.latency;
    if (firstByteMs > 0 && !(await this.wait(this.#spread(firstByteMs)))) return;
    const asked = this.answer();
    const answer = asked instanceof Promise ? await asked : asked;
    if (answer.frames === null || eventMs > 0) return sendAnswer(this, answer);
    if (this.#response.destroyed) return;
    this.head(answer.status, answerHeaders(this, answer));
    for (const frame of answer.frames) this.#response.write(frame);
    this.end();
  }

  #spread(durationMs: number): number {
    return durationMs * (1 + this.#context.latency.spread * (2 * this.#context.random.next() - 1));
  }
}
