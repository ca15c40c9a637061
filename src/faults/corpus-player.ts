import type { RawHeaders } from '../core/call.ts';
import { collectStream } from './collect-stream.ts';
import type { CorpusCase } from './corpus-case.ts';
import type { Exchange } from './fault.ts';
import { retryAfterHeaders, stall } from './play.ts';

/** Recorded resets came this long after the last byte, unless the case says otherwise. */
const resetAfterMs = 10;

/**
 * Plays a recorded case. Where it is a stream and the client asked for none, its equivalent is
 * played: the error as a JSON body, the message collected, or the JSON cut where the stream was.
 */
export async function playCase(recorded: CorpusCase, exchange: Exchange): Promise<void> {
  const { http, timing } = recorded;
  if (timing?.beforeHeadersMs !== undefined && !(await exchange.wait(exchange.scaled(timing.beforeHeadersMs)))) return;
  if (http.status === null) return finish(recorded, exchange);
  const headers = shortened(http.headers, exchange);
  if (recorded.sse === null) return playBody(recorded, exchange, headers, shortenedBody(recorded.body ?? '', exchange));
  if (exchange.request.stream) return playStream(recorded, recorded.sse, exchange, headers);
  const body = collectStream(recorded.sse);
  if (body === null) return recorded.then === 'stall' ? stall(exchange) : exchange.reset();
  const asJson = headers.map((value, at) => (headers[at - 1] === 'content-type' ? 'application/json' : value));
  return playBody(recorded, exchange, asJson, body);
}

async function playStream(
  recorded: CorpusCase,
  sse: readonly string[],
  exchange: Exchange,
  headers: RawHeaders,
): Promise<void> {
  exchange.head(recorded.http.status ?? 200, headers);
  const gapMs = exchange.scaled(recorded.timing?.eventGapMs ?? 0);
  for (const [index, event] of sse.entries()) {
    if (index > 0 && gapMs > 0 && !(await exchange.wait(gapMs))) return;
    await exchange.write(event);
  }
  return finish(recorded, exchange);
}

async function playBody(recorded: CorpusCase, exchange: Exchange, headers: RawHeaders, body: string): Promise<void> {
  const status = recorded.http.status ?? 200;
  if (recorded.then === 'end') return exchange.send(status, headers, body);
  exchange.head(status, headers);
  await exchange.write(body);
  return finish(recorded, exchange);
}

async function finish(recorded: CorpusCase, exchange: Exchange): Promise<void> {
  if (recorded.then === 'end') return exchange.end();
  if (recorded.then === 'stall') return stall(exchange);
  if (recorded.http.status !== null) await exchange.wait(recorded.timing?.resetAfterMs ?? resetAfterMs);
  // "other side closed" is a connection that was closed in order, in the middle of a body.
  if (recorded.net?.code === 'UND_ERR_SOCKET') return exchange.close();
  exchange.reset();
}

/** `retry-after`, by the scenario's scale. */
function shortened(headers: Readonly<Record<string, string>>, exchange: Exchange): RawHeaders {
  return Object.entries(headers).flatMap(([name, value]) =>
    name === 'retry-after' ? retryAfterHeaders(exchange.scaled(Number(value) * 1000) / 1000) : [name, value],
  );
}

/** Cloudflare's JSON names its wait in the body. */
function shortenedBody(body: string, exchange: Exchange): string {
  return body.replace(/"retry_after":(\d+)/, (_, seconds) => `"retry_after":${exchange.scaled(Number(seconds))}`);
}
