import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from '../../core/clock.ts';
import { checkNetwork } from './network.ts';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a certificate that nobody vouches for is named, with what to do', async () => {
  const pem = readFileSync(new URL('../../../test/fixtures/self-signed.pem', import.meta.url));
  const received: Buffer[] = [];
  const server = createTlsServer({ key: pem, cert: pem }, (socket) => {
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', () => {});
  });
  const port = await listen(server);
  const [dns, tcp, tls] = await checkNetwork(new URL(`https://localhost:${port}`), systemClock);
  server.close();
  assert.equal(dns?.state, 'ok');
  assert.equal(tcp?.state, 'ok');
  assert.equal(tls?.state, 'problem');
  assert.match(
    tls?.finding ?? '',
    /DEPTH_ZERO_SELF_SIGNED_CERT: certificate by Ridethrough test authority, valid until/,
  );
  assert.match(tls?.advice ?? '', /NODE_EXTRA_CA_CERTS/);
  assert.equal(received.length, 0);
});

test('a port that nobody listens on breaks the chain there', async () => {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  const checks = await checkNetwork(new URL(`https://127.0.0.1:${port}`), systemClock);
  assert.deepEqual(
    checks.map((check) => check.state),
    ['skipped', 'problem', 'skipped'],
  );
  assert.match(checks[1]?.finding ?? '', /ECONNREFUSED/);
});

test('a peer that does not speak TLS is a problem of TLS', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const port = await listen(server);
  const checks = await checkNetwork(new URL(`https://127.0.0.1:${port}`), systemClock);
  server.close();
  assert.equal(checks[1]?.state, 'ok');
  assert.equal(checks[2]?.state, 'problem');
});
