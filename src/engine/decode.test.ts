import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type Decoder, decoderFor } from './decode.ts';

const headers = ['Content-Encoding', 'GZIP', 'a', 'b', 'content-length', '10'];

function gunzip(): Decoder {
  const decoder = decoderFor(headers);
  assert.ok(decoder);
  return decoder;
}

test('the head loses what is true of the coded body only; what is not coded is left alone', () => {
  assert.deepEqual(gunzip().headers, ['a', 'b']);
  assert.equal(decoderFor(['content-encoding', 'unheard-of']), null);
  assert.equal(decoderFor([]), null);
});

test('a body that was compressed twice is read, however its head says so', async () => {
  const twice = brotliCompressSync(gzipSync('hello'));
  for (const [sent, ...codings] of [
    [twice, 'gzip, br'],
    [twice, 'GZIP', 'br'],
    [gzipSync('hello'), 'gzip,identity,'],
  ] as const) {
    const decoder = decoderFor(codings.flatMap((coding) => ['Content-Encoding', coding]));
    assert.ok(decoder, codings.join());
    assert.deepEqual(decoder.headers, []);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let text = '';
    const data = (chunk: Uint8Array) => {
      text += Buffer.from(chunk).toString();
    };
    decoder.into({ data, end: () => resolve(text), failed: ({ message }) => reject(new Error(message)) }, reject);
    decoder.data(sent);
    decoder.end();
    assert.equal(await promise, 'hello', codings.join());
  }
  assert.equal(decoderFor(['content-encoding', 'gzip, gzip, gzip, gzip']), null);
});

test('a bug met while decoded bytes are read is told, and does not end the process', async () => {
  for (const where of ['data', 'end', 'failed'] as const) {
    const errors: string[] = [];
    const over = new PassThrough();
    const fail = (at: string) => () => {
      if (at === where) throw new Error(at);
      if (at !== 'data') over.end();
    };
    const decoder = gunzip();
    decoder.into({ data: fail('data'), end: fail('end'), failed: fail('failed') }, (error) => {
      errors.push((error as Error).message);
      over.end();
    });
    const ended = once(over.resume(), 'end');
    decoder.data(where === 'failed' ? Buffer.from('no gzip at all') : gzipSync('hello'));
    decoder.end();
    await ended;
    assert.deepEqual(errors, [where]);
  }
});

test('a reader that is behind is not flooded with what a few bytes become', async () => {
  const decoder = gunzip();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let [bytes, paused, pauses] = [0, false, 0];
  const data = (chunk: Uint8Array) => {
    assert.equal(paused, false, 'bytes came while the reader was behind');
    bytes += chunk.length;
    paused = true;
    pauses++;
    decoder.pause();
    soon(() => {
      paused = false;
      decoder.resume();
    });
  };
  decoder.into({ data, end, failed: () => assert.fail() }, (error) => assert.fail(String(error)));
  decoder.data(gzipSync(Buffer.alloc(2 ** 20)));
  decoder.end();
  await ended;
  assert.equal(bytes, 2 ** 20);
  assert.ok(pauses > 8);
});

/** After the callbacks that are due have run. */
function soon(callback: () => void): void {
  const turn = new PassThrough();
  turn.once('end', callback);
  turn.resume().end();
}
