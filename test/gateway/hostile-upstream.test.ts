import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eventBytesMax } from '../../src/core/limits.ts';
import { frames } from '../../src/faults/api/events.ts';
import { expectedAnswer } from '../../src/faults/index.ts';
import { type GatewayStage, openGateway } from '../conformance/stage.ts';
import { checkStream } from '../recovery/protocol-checker.ts';

const mebibyte = 2 ** 20;
const sse = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const json = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const hex = (bytes: number) => bytes.toString(16);
const chunk = (bytes: Buffer, extension = '') =>
  Buffer.concat([Buffer.from(`${hex(bytes.length)}${extension}\r\n`), bytes, Buffer.from('\r\n')]);

/** A request as the upstream reads it. */
interface Asked {
  readonly body: Buffer;
  readonly stream: boolean;
  /** The healthy answer: a stream or JSON, as it was asked for. */
  readonly answer: Buffer;
}
type Play = (socket: Socket, asked: Asked) => void;

const lengthOf = ({ length }: Buffer) => `content-length: ${length}\r\n\r\n`;
const headFor = ({ stream }: Asked) => (stream ? sse : json);
const healthy: Play = (socket, asked) => {
  socket.write(headFor(asked) + lengthOf(asked.answer));
  socket.write(asked.answer);
};

/** Writes for ever, as fast as it is read. */
function flood(socket: Socket, bytes: Buffer | string): void {
  const go = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', go);
  go();
}

/** What an upstream may do to us, and whether an answer can come of it. */
const attacks: Readonly<Record<string, { whole: boolean; play: Play }>> = {
  'one byte a chunk': {
    whole: true,
    play: (socket, asked) => {
      socket.write(`${headFor(asked)}transfer-encoding: chunked\r\n\r\n`);
      for (let i = 0; i < asked.answer.length; i++) socket.write(chunk(asked.answer.subarray(i, i + 1)));
      socket.write('0\r\n\r\n');
    },
  },
  'chunk extensions and trailers': {
    whole: true,
    play: (socket, asked) => {
      socket.write(`${headFor(asked)}transfer-encoding: chunked\r\ntrailer: x-late\r\n\r\n`);
      socket.write(chunk(asked.answer, ';a="b;c\\""'));
      socket.write('0;end=1\r\nx-late: 1\r\n\r\n');
    },
  },
  'a few early hints': {
    whole: true,
    play: (socket, asked) => {
      for (let i = 0; i < 20; i++) socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      healthy(socket, asked);
    },
  },
  'a body that ends with the connection': {
    whole: true,
    play: (socket, asked) => {
      socket.write(`${headFor(asked)}connection: close\r\n\r\n`);
      socket.end(asked.answer);
    },
  },
  'early hints without end': {
    whole: false,
    play: (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
  },
  'headers without end': {
    whole: false,
    play: (socket) => {
      socket.write(sse);
      flood(socket, `x-more: ${'x'.repeat(1000)}\r\n`);
    },
  },
  'pings without end': {
    whole: false,
    play: (socket) => {
      socket.write(`${sse}\r\n`);
      flood(socket, 'event: ping\ndata: {"type": "ping"}\n\n'.repeat(1000));
    },
  },
  'an event without end': {
    whole: false,
    play: (socket) => {
      socket.write(`${sse}\r\nevent: message_start\ndata: `);
      flood(socket, Buffer.alloc(64 * 1024, 'x'));
    },
  },
  'a chunk without size': {
    whole: false,
    play: (socket) => {
      socket.write(`${sse}transfer-encoding: chunked\r\n\r\n`);
      flood(socket, 'f'.repeat(1000));
    },
  },
  'a bomb of gzip': {
    whole: false,
    play: (socket, asked) => {
      const bomb = gzipSync(Buffer.alloc(80 * mebibyte, asked.stream ? 'data:x\n' : '[ '));
      socket.write(`${headFor(asked)}content-encoding: gzip\r\n${lengthOf(bomb)}`);
      socket.write(bomb);
    },
  },
  'no HTTP': { whole: false, play: (socket) => void socket.write('SSH-2.0-OpenSSH_9.9\r\n') },
  'two lengths': {
    whole: false,
    play: (socket, { answer }) => {
      socket.write(`${json}content-length: 3\r\n${lengthOf(answer)}`);
      socket.write(answer);
    },
  },
  'less than it announced': {
    whole: false,
    play: (socket, asked) => {
      socket.write(`${headFor(asked)}content-length: ${asked.answer.length + 10}\r\n\r\n`);
      socket.end(asked.answer.subarray(0, 40));
    },
  },
  'a reset before the head': { whole: false, play: (socket) => void socket.resetAndDestroy() },
  'a reset in the head': {
    whole: false,
    play: (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-', () => socket.resetAndDestroy()),
  },
  'a reset after the head': {
    whole: false,
    play: (socket, asked) => void socket.write(`${headFor(asked)}\r\n`, () => socket.resetAndDestroy()),
  },
  'a head, and half of the connection closed': {
    whole: false,
    play: (socket, asked) => void socket.end(`${headFor(asked)}transfer-encoding: chunked\r\n\r\n`),
  },
  // What stands behind an answer must not become the answer to the next caller.
  'an answer that nobody asked for': {
    whole: true,
    play: (socket, asked) => {
      const stolen = Buffer.from(
        '{"type":"message","content":[{"type":"text","text":"stolen"}],"stop_reason":"end_turn"}',
      );
      const second = Buffer.concat([Buffer.from(json + lengthOf(stolen)), stolen]);
      socket.write(Buffer.concat([Buffer.from(headFor(asked) + lengthOf(asked.answer)), asked.answer, second, second]));
    },
  },
};

/** Bytes that the upstream could write to one attacked call, over all its attempts. */
const written = new Map<string, number>();

function upstream(): Server {
  return createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    let seen = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      seen = Buffer.concat([seen, bytes]);
      const headEnd = seen.indexOf('\r\n\r\n') + 4;
      if (headEnd < 4) return;
      const length = Number(/content-length: (\d+)/i.exec(seen.toString('latin1', 0, headEnd))?.[1] ?? 0);
      if (seen.length < headEnd + length) return;
      const body = seen.subarray(headEnd, headEnd + length);
      seen = seen.subarray(headEnd + length);
      const request = JSON.parse(body.toString());
      const stream = request.stream === true;
      const message = expectedAnswer(body);
      const answer = Buffer.from(stream ? frames(message).join('') : JSON.stringify(message));
      const name: string = request.metadata?.user_id ?? '';
      if (name in attacks)
        socket.once('close', () => written.set(name, (written.get(name) ?? 0) + socket.bytesWritten));
      (attacks[name]?.play ?? healthy)(socket, { body, stream, answer });
    });
  });
}

suite('a hostile upstream', { concurrency: 8 }, () => {
  const server = upstream();
  let stage: GatewayStage;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    stage = await openGateway(`http://127.0.0.1:${port}`, {
      timeouts: { first_byte: 1, idle: 1, progress: 1 },
      retry: { max: 0 },
    });
  });
  after(async () => {
    assert.equal(stage.engine.gauges.running, 0);
    await stage.close();
    server.close();
  });

  /** Asks until the machine, which has floods to pour, had the time to answer: what is told must be right. */
  async function ask(name: string, content: string, stream: boolean, comes: boolean) {
    const metadata = { user_id: name };
    const messages = [{ role: 'user', content }];
    const request = { model: 'claude-opus-5-5', max_tokens: 200, stream, metadata, messages };
    for (;;) {
      const response = await fetch(`${stage.gateway.url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': name || 'good', 'ridethrough-deadline': comes ? '60' : '3' },
        body: JSON.stringify(request),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      if (comes && (response.status === 504 || response.status === 529)) continue;
      return { status: response.status, bytes, whole: expectedAnswer(request).content };
    }
  }

  function contentOf(bytes: Buffer, stream: boolean): unknown {
    if (!stream) return JSON.parse(bytes.toString()).content;
    const reading = checkStream(bytes);
    return reading.end === 'message' ? reading.message.content : reading.error;
  }

  for (const [name, { whole: comes }] of Object.entries(attacks)) {
    for (const stream of [true, false]) {
      test(`${name}: ${comes ? 'the answer comes whole' : 'a typed error comes in time'}, ${stream ? 'stream' : 'JSON'}`, async () => {
        const { status, bytes, whole } = await ask(name, `attacked by ${name}`, stream, comes);
        if (comes) {
          assert.equal(status, 200, bytes.toString());
          assert.deepEqual(contentOf(bytes, stream), whole);
        } else {
          assert.ok(status >= 500, `${status}`);
          assert.match(bytes.toString(), /^\{"type":"error","error":\{"type":"(api|timeout|overloaded)_error"/);
        }
      });
    }
  }

  for (let caller = 0; caller < 12; caller++) {
    test(`caller ${caller} gets its own answer all the while`, async () => {
      for (let round = 0; round < 5; round++) {
        const { status, bytes, whole } = await ask('', `I am caller ${caller}, round ${round}.`, round % 2 === 0, true);
        assert.equal(status, 200, bytes.toString());
        assert.deepEqual(contentOf(bytes, round % 2 === 0), whole);
      }
    });
  }
});

test('no more is read of an endless event than an event may have', () => {
  // Two calls, and what lay in the sockets.
  const bytes = written.get('an event without end') ?? 0;
  assert.ok(bytes > 0 && bytes < 2 * (eventBytesMax + 8 * mebibyte), `${bytes} bytes`);
});
