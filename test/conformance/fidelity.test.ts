import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { text } from '../fixtures/stream-events.ts';
import { closing, gatewayFor, opening } from './calls.ts';
import { openUpstream, type Upstream } from './upstream.ts';

/** Headers of ours, of one connection only, or that every HTTP server writes for itself. */
const ours = /^(ridethrough-.*|date|connection|keep-alive|transfer-encoding)$/;
const ofTheRequest = /^(accept-encoding|host|connection|content-length|transfer-encoding|ridethrough-.*)$/;

/** Names and values as they stand on the wire, those left out that may differ. */
function pairs(raw: readonly string[], leftOut: RegExp): string[][] {
  const kept: string[][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (!leftOut.test((raw[i] as string).toLowerCase())) kept.push([raw[i] as string, raw[i + 1] as string]);
  }
  return kept;
}

interface Answer {
  readonly status: number;
  readonly headers: string[];
  readonly body: Buffer;
}

/** Sends bytes on a connection of its own, and reads one answer off it to the end. */
function exchange(port: number, parts: readonly (string | Buffer)[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(answerOf(Buffer.concat(chunks))));
    for (const part of parts) socket.write(part);
  });
}

function answerOf(bytes: Buffer): Answer {
  const split = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.subarray(0, split).toString('latin1').split('\r\n');
  const headers = lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  const rest = bytes.subarray(split + 4);
  const chunked = /transfer-encoding: chunked/i.test(lines.join('\n'));
  return { status: Number(statusLine.split(' ')[1]), headers, body: chunked ? dechunked(rest) : rest };
}

function dechunked(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (!(size > 0)) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

const seed = 20_261_122;
const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);

/** JSON text as no serializer writes it: any white space, any spelling of numbers and strings. */
const space = fc.stringMatching(/^[ \n\r\t]{0,3}$/);
const number = fc.constantFrom('0', '-0', '1.0', '1e3', '1E+2', '12345678901234567890', '0.1000', '-1.5e-7');
const string = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"\\u00e9"', '"\\/"', '"\\ud83d\\ude00"', '"\\ud83d"', '"é\\n\\"x\\""', '"🙂 – naïve"', '""'),
);
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    number,
    string,
    fc.constantFrom('true', 'false', 'null'),
    fc
      .tuple(fc.array(tie('value'), { maxLength: 3 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
    fc
      .tuple(fc.array(fc.tuple(string, tie('value')), { maxLength: 3 }), space)
      .map(([members, gap]) => `{${gap}${members.map(([name, item]) => `${name}${gap}:${item}`).join(`,${gap}`)}}`),
  ),
})).value;

const requestBody = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(token, json), { maxLength: 4 }), space, fc.boolean())
  .map(([stream, extra, gap, last]) => {
    const known = [
      `"model"${gap}:${gap}"claude-opus-5"`,
      '"max_tokens":8',
      `"stream":${gap}${stream}`,
      '"messages":[]',
    ];
    const unknown = extra.map(([name, item]) => `"x_${name}":${gap}${item}`);
    const members = last ? [...unknown, ...known] : [...known, ...unknown];
    return { stream, text: `${gap}{${gap}${members.join(`${gap},${gap}`)}${gap}}${gap}` };
  });

const credential = fc.constantFrom(
  'x-api-key: sk-ant-1',
  'authorization: Bearer sk-ant-2',
  'Authorization: Bearer tok',
);
const headerList = fc.array(
  fc
    .tuple(fc.constantFrom('x-', 'X-Stainless-', 'anthropic-', 'Anthropic-'), token, value)
    .map(([prefix, name, text]) => [`${prefix}u${name}`, text]),
  { maxLength: 6 },
);
const path = fc
  .tuple(fc.constantFrom('', '?beta=true', '?beta=true&x=%20%F0%9F%99%82', '?a=b&a=b&&c', '?'), token)
  .map(([query, name]) => `/v1/messages${query}${query.length > 1 ? `&q=${name}` : ''}`);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 });

/** Cuts bytes at random places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const offsets = [0, ...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort((a, b) => a - b);
  return offsets
    .slice(1)
    .map((end, i) => bytes.subarray(offsets[i], end))
    .filter((part) => part.length > 0);
}

/** What every reader of a stream must take without a word, and hand on. */
const noise = fc.oneof(
  fc.constantFrom(
    ': comment\n\n',
    ':\r\n\r\n',
    'event: ping\ndata: {"type": "ping"}\n\n',
    'retry: 10\n\n',
    'data:\n\n',
  ),
  fc.tuple(token, json).map(([name, item]) => `event: x_${name}\r\ndata: ${item.replaceAll(/[\r\n]/g, ' ')}\r\n\r\n`),
);
const words = fc.string({ unit: 'grapheme', maxLength: 20 }).map((said) => text(0, said));
const streamBody = fc
  .tuple(fc.array(noise, { maxLength: 4 }), fc.array(fc.oneof(noise, words), { maxLength: 12 }))
  .map(([before, after]) => before.join('') + opening + after.join('') + closing);
const wholeBody = fc.tuple(json, space).map(([item, gap]) => `${gap}{"type":"message",${gap}"content":${item}}${gap}`);

/** What an upstream is to answer next, and how it is cut. */
async function scripted(t: TestContext) {
  let next: { head: string[]; parts: Buffer[] } = { head: [], parts: [] };
  const upstream: Upstream = await openUpstream(t, ({ response }) => {
    response.writeHead(200, next.head);
    for (const part of next.parts) response.write(part);
    response.end();
  });
  const script = (head: string[], parts: Buffer[]) => {
    next = { head, parts };
  };
  return { upstream, script };
}

test('requests reach the upstream, and answers the caller, byte for byte', async (t) => {
  const { upstream, script } = await scripted(t);
  const { gateway } = await gatewayFor(t, upstream);
  t.diagnostic(`seed ${seed}`);
  const property = fc.asyncProperty(
    fc.record({ body: requestBody, whole: wholeBody, streamed: streamBody, path, credential, headers: headerList }),
    fc.record({ answered: headerList, chunked: fc.boolean(), cuts, answerCuts: cuts }),
    async (asked, how) => {
      const { stream } = asked.body;
      const sentBody = Buffer.from(asked.body.text);
      const answerBody = Buffer.from(stream ? asked.streamed : asked.whole);
      const type = stream ? 'text/event-stream; charset=utf-8' : 'application/json';
      const answered = [['content-type', type], ['request-id', 'req_1'], ...how.answered];
      script(answered.flat(), cut(answerBody, how.answerCuts));
      const sent = [['content-type', 'application/json'], asked.credential.split(': '), ...asked.headers];
      const framing = how.chunked ? 'transfer-encoding: chunked' : `content-length: ${sentBody.length}`;
      const head = [
        `POST ${asked.path} HTTP/1.1`,
        'host: 127.0.0.1',
        'connection: close',
        'ridethrough-deadline: 3',
        framing,
      ];
      const lines = [...head, ...sent.map(([name, text]) => `${name}: ${text}`)].join('\r\n');
      const parts = cut(sentBody, how.cuts);
      const body = how.chunked
        ? [...parts.flatMap((part) => [`${part.length.toString(16)}\r\n`, part, '\r\n']), '0\r\n\r\n']
        : parts;
      const seen = await exchange(gateway.port, [`${lines}\r\n\r\n`, ...body]);

      const visit = upstream.visits.at(-1);
      assert.deepEqual(visit?.body, sentBody);
      assert.equal(visit?.request.url, asked.path);
      assert.deepEqual(
        sortedPairs(pairs(visit?.request.rawHeaders ?? [], ofTheRequest)),
        sortedPairs(sent as string[][]),
      );
      assert.equal(visit?.request.headers['accept-encoding'], 'identity');
      assert.equal(seen.status, 200);
      assert.deepEqual(pairs(seen.headers, ours), answered);
      assert.deepEqual(seen.body, answerBody);
    },
  );
  await fc.assert(property, { seed, numRuns: 300, endOnFailure: true });
});

/** The credential is written anew, in the name's usual spelling; the order of names says nothing (RFC 9110 §5.3). */
function sortedPairs(given: string[][]): string[] {
  return given.map(([name, text]) => `${/^authorization$/i.test(name ?? '') ? 'authorization' : name}: ${text}`).sort();
}

test('a big answer in a thousand pieces arrives as it was sent', async (t) => {
  const { upstream, script } = await scripted(t);
  const { gateway } = await gatewayFor(t, upstream);
  const long = JSON.stringify('naïve 🙂 \\ '.repeat(400));
  const delta = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${long}}}\n\n`;
  const answers: [stream: boolean, body: string][] = [
    [true, opening + delta.repeat(1000) + closing],
    [false, `{"type":"message","content":[${Array(1500).fill(long).join(',')}]}`],
  ];
  for (const [stream, text] of answers) {
    const bytes = Buffer.from(text);
    const places = Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1000) / 1000);
    script(['content-type', stream ? 'text/event-stream' : 'application/json'], cut(bytes, places));
    const asked = `{"model":"claude-opus-5","max_tokens":8,"stream":${stream},"messages":[]}`;
    const head = [
      'POST /v1/messages HTTP/1.1',
      'host: 127.0.0.1',
      'connection: close',
      `content-length: ${asked.length}`,
    ];
    const seen = await exchange(gateway.port, [`${[...head, 'x-api-key: k'].join('\r\n')}\r\n\r\n${asked}`]);
    assert.ok(seen.body.equals(bytes), `${seen.body.length} of ${bytes.length} bytes`);
  }
});

test('what is not ours to read passes both ways: uploads, downloads, paths and queries nobody knows', async (t) => {
  const { upstream, script } = await scripted(t);
  const { gateway } = await gatewayFor(t, upstream);
  t.diagnostic(`seed ${seed}`);
  const bytes = fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array));
  const target = fc.tuple(
    fc.constantFrom('files', 'batches', 'things', 'messages/batches'),
    token,
    value.map(encodeURIComponent),
  );
  const property = fc.asyncProperty(bytes, bytes, target, cuts, async (up, down, [name, id, query], places) => {
    script(['content-type', 'application/octet-stream', 'content-encoding', 'gzip'], cut(down, places));
    const asked = `/v1/${name}/${id}?q=${query}`;
    const head = [
      `POST ${asked} HTTP/1.1`,
      'host: 127.0.0.1',
      'connection: close',
      `content-length: ${up.length}`,
      'accept-encoding: gzip;q=0.5',
    ];
    const seen = await exchange(gateway.port, [
      `${[...head, 'x-api-key: k'].join('\r\n')}\r\n\r\n`,
      ...cut(up, places),
    ]);
    const visit = upstream.visits.at(-1);
    assert.deepEqual([visit?.request.url, visit?.request.headers['accept-encoding']], [asked, 'gzip;q=0.5']);
    assert.deepEqual(visit?.body, up);
    assert.deepEqual(seen.body, down);
    assert.ok(seen.headers.includes('content-encoding'));
  });
  await fc.assert(property, { seed, numRuns: 100 });
});
