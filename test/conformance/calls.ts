import type { TestContext } from 'node:test';
import { end, openText, start, stop, text } from '../fixtures/stream-events.ts';
import { type GatewayStage, openGateway, type StageOptions } from './stage.ts';

export const model = 'claude-haiku-5-5';
export const key = { 'x-api-key': 'sk-ant-test', 'content-type': 'application/json' };
export const ask = (more: object = {}) =>
  JSON.stringify({ model, max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }], ...more });
export const streamed = ask({ stream: true });
export const closeText = 'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n';
export const opening = start + openText(0) + text(0, 'Hello');
export const closing = closeText + end('end_turn') + stop;

/** A gateway that is closed after the test. */
export async function gatewayFor(context: TestContext, upstream: { url: string }, options: StageOptions = {}) {
  const stage = await openGateway(upstream.url, { retry: { base: 0.001, cap: 0.001 }, ...options });
  context.after(() => stage.close());
  return stage;
}

export const post = (
  stage: GatewayStage,
  init: { headers?: Record<string, string>; body?: string | Buffer<ArrayBuffer>; signal?: AbortSignal } = {},
) =>
  fetch(`${stage.gateway.url}/v1/messages`, {
    method: 'POST',
    body: ask(),
    ...init,
    headers: { ...key, ...init.headers },
  });

/** Resolves when no call runs any more. */
export async function idle(stage: GatewayStage): Promise<void> {
  while (stage.engine.gauges.running > 0) await fetch(`${stage.gateway.url}/healthz`);
}

/** Reads a body until `enough`. */
export async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, enough: (text: string) => boolean) {
  let read = '';
  while (!enough(read)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the body ended after: ${read}`);
    read += Buffer.from(value).toString();
  }
  return read;
}

export const readerOf = ({ body }: Response) => (body as ReadableStream<Uint8Array>).getReader();
export const restOf = (reader: ReadableStreamDefaultReader<Uint8Array>) =>
  readUntil(reader, () => false).catch((error: Error) => error.message.replace('the body ended after: ', ''));
