/** The bytes that go over the wire in every benchmark, rendered once. */

const model = 'claude-sonnet-5-5';

/** Some 1.5 kB, as a short question with a system prompt has. */
function requestBody(stream: boolean): string {
  return JSON.stringify({
    model,
    max_tokens: 1024,
    stream,
    system: 'You answer in one paragraph. '.repeat(20),
    messages: [{ role: 'user', content: 'What makes the tide turn, and why twice a day? '.repeat(16) }],
  });
}

/** A request as the official SDK would send it; `query` tells the benchmark's upstream what to answer. */
function request(stream: boolean, query: string): Buffer {
  const body = requestBody(stream);
  const head = [
    `POST /v1/messages${query} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    'accept: application/json',
    'anthropic-version: 2023-06-01',
    'x-api-key: sk-ant-benchmark',
    'user-agent: ridethrough-bench',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Asks for one answer of some 600 bytes. */
export const plainRequest: Buffer = request(false, '');
/** Asks for a stream of `events` text deltas, one write each, as fast as they are taken. */
export const floodRequest = (events: number): Buffer => request(true, `?flood=${events}`);
/** Asks for a stream of text deltas at the upstream's pace, until the upstream ends it. */
export const pacedRequest: Buffer = request(true, '?paced');

/** The answer's body, which every proxy has to deliver byte for byte. */
export const answerBody: Buffer = Buffer.from(
  JSON.stringify({
    id: 'msg_01BenchmarkBenchmarkBench',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: 'The moon draws the water nearest to it. '.repeat(8) }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 412, output_tokens: 96, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
  }),
);

const commonHead = [
  'HTTP/1.1 200 OK',
  'date: Sun, 22 Nov 2026 12:00:00 GMT',
  'request-id: req_011BenchmarkBenchmark',
  'anthropic-ratelimit-requests-limit: 4000',
  'anthropic-ratelimit-requests-remaining: 3999',
];

/** Head and body of the plain answer. */
export const answer: Buffer = Buffer.concat([
  Buffer.from(
    [...commonHead, 'content-type: application/json', `content-length: ${answerBody.length}`, '', ''].join('\r\n'),
  ),
  answerBody,
]);

/** The head of a stream. nginx takes the last header as an order not to collect the answer first. */
export const streamHead: Buffer = Buffer.from(
  [
    ...commonHead,
    'content-type: text/event-stream; charset=utf-8',
    'transfer-encoding: chunked',
    'x-accel-buffering: no',
    '',
    '',
  ].join('\r\n'),
);

const event = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const textEvent = (text: string) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });

/** What precedes the text deltas of a stream. */
export const streamStart: string =
  event('message_start', {
    message: {
      ...{ id: 'msg_01Benchmark', type: 'message', role: 'assistant', model, content: [], stop_reason: null },
      usage: { input_tokens: 412, output_tokens: 1 },
    },
  }) + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });

/** What follows them. */
export const streamStop: string =
  event('content_block_stop', { index: 0 }) +
  event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 96 } }) +
  event('message_stop', {});

/** A text delta of the API's usual size. */
export const floodEvent: string = textEvent(' and the moon');

const stampDigits = 16;
const stampBefore = '"text":"';

/** A text delta whose text is the instant of its sending, in microseconds of this process's clock. */
export function stampedEvent(nowUs: number): string {
  return textEvent(String(Math.round(nowUs)).padStart(stampDigits, '0'));
}

/** The instant that a stamped event carries; null for any other event. */
export function stampOf(text: string): number | null {
  const at = text.indexOf(stampBefore);
  if (at === -1) return null;
  const from = at + stampBefore.length;
  const stamp = Number(text.slice(from, from + stampDigits));
  return stamp > 0 ? stamp : null;
}

/** Bytes as one chunk of a chunked body. */
export function httpChunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

/** The end of a chunked body. */
export const lastChunk: Buffer = Buffer.from('0\r\n\r\n');
