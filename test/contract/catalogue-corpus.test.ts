import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawHeaders } from '../../src/core/call.ts';
import { entryOf } from '../../src/diagnosis/catalogue/index.ts';
import { corpus } from '../../src/faults/corpus.ts';
import { classifyErrorEvent, classifyResponse } from '../../src/wire/classify.ts';
import { classifyTransport } from '../../src/wire/classify-transport.ts';

const nowMs = Date.parse('2026-07-01T00:00:00Z');

/** What the catalogue has to say of recorded failures: their own entries, where they are well known. */
const wellKnown: Readonly<Record<string, string>> = {
  '402-billing-error': 'out-of-money',
  '400-credit-balance': 'out-of-money',
  '404-model-suspended': 'model-gone',
  '429-enforced-spend-limit': 'tier-limit',
  '429-contract-spend-limit': 'contract-limit',
  '429-ramp-limit': 'ramp-limited',
  '500-api-error': 'api-error',
  '502-cloudflare-html': 'edge-error',
  '503-cmek-key-unreachable': 'encryption-key',
  '504-timeout-error': 'no-answer-in-time',
  '520-cloudflare-html': 'edge-error',
  '529-for-hours': 'overloaded',
  'net-econnrefused': 'connection-refused',
  'net-connect-timeout': 'unreachable',
  'net-tls-self-signed': 'untrusted-certificate',
};

test('recorded failures that are well known are explained by their own entries', () => {
  const explained = new Map<string, string>();
  for (const { id, http, body, sse, net } of corpus()) {
    const headers: RawHeaders = Object.entries(http.headers).flat();
    const event = sse?.find((text) => text.startsWith('event: error'));
    const failure = event
      ? classifyErrorEvent(Buffer.from(event.slice(event.indexOf('{'))), headers, nowMs)
      : http.status !== null && body !== null
        ? classifyResponse({ status: http.status, headers, body: Buffer.from(body), endpoint: 'messages', nowMs })
        : net?.code
          ? classifyTransport(
              { code: net.code, message: net.message },
              { bodyBytes: 100, bodyBytesMax: 1000, headers: null },
            )
          : null;
    if (failure !== null) explained.set(id, entryOf(failure).id);
  }
  for (const [id, entry] of Object.entries(wellKnown)) assert.equal(explained.get(id), entry, id);
});
