import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import { parseConfig } from '../config/load.ts';
import { CollectReply } from '../testing/collect-reply.ts';
import { engineFactory } from './engine.ts';

const ports: (number | undefined)[] = [];
const upstream = createServer((request, response) => {
  if (request.method === 'POST') ports.push(request.socket.remotePort);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"type":"message"}');
});
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
after(() => {
  upstream.closeAllConnections();
  upstream.close();
});

test('a reload keeps the connections to the upstream, unless it changes the way there', async () => {
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const createEngine = engineFactory();
  for (const file of [{}, { retry: { max: 1 } }, { timeouts: { connect: 3 } }]) {
    const config = parseConfig(JSON.stringify(file), 'test.yaml', { env: {}, upstream: url });
    const patience = { deadlineAtMs: Number.POSITIVE_INFINITY, holdMs: 25_000, pingMs: 15_000 };
    const reply = new CollectReply();
    createEngine(config, {}).handle({ ...call({ patience }), receivedAtMs: Number.MAX_SAFE_INTEGER }, reply);
    assert.equal((await reply.done).status, 200);
    // Another exchange, there and back: by then the connection is free again.
    await fetch(url, { method: 'HEAD' });
  }
  assert.equal(ports[0], ports[1]);
  assert.notEqual(ports[1], ports[2]);
});
