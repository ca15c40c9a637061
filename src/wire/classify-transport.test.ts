import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyTransport } from './classify-transport.ts';

const context = { bodyBytes: 100, bodyBytesMax: 32 * 2 ** 20, headers: null };
const judge = (code: string, over: Partial<Parameters<typeof classifyTransport>[1]> = {}) =>
  classifyTransport({ code, message: `it said ${code}` }, { ...context, ...over });

test('what passes is retried, as 502 or, for what took too long, as 504', () => {
  const rows: [code: string, failureClass: string, status: number, type: string][] = [
    ['ECONNRESET', 'network', 502, 'api_error'],
    ['ECONNREFUSED', 'network', 502, 'api_error'],
    ['EPIPE', 'network', 502, 'api_error'],
    ['ENOTFOUND', 'network', 502, 'api_error'],
    ['EAI_AGAIN', 'network', 502, 'api_error'],
    ['EMFILE', 'network', 502, 'api_error'],
    ['ENFILE', 'network', 502, 'api_error'],
    ['UND_ERR_SOCKET', 'network', 502, 'api_error'],
    ['HPE_INVALID_CONSTANT', 'protocol', 502, 'api_error'],
    ['UND_ERR_CONNECT_TIMEOUT', 'network', 504, 'timeout_error'],
    ['ETIMEDOUT', 'network', 504, 'timeout_error'],
    ['connect_timeout', 'network', 504, 'timeout_error'],
    ['first_byte_timeout', 'timeout', 504, 'timeout_error'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', 504, 'timeout_error'],
  ];
  for (const [code, failureClass, status, type] of rows) {
    const failure = judge(code);
    assert.deepEqual([failure.class, failure.status, failure.type, failure.code], [failureClass, status, type, code]);
    assert.deepEqual([failure.action, failure.permanent, failure.body], ['retry', false, null]);
    assert.match(failure.message, new RegExp(code));
  }
});

test('a machine without a descriptor left is told so, and that it is not the upstream', () => {
  for (const code of ['EMFILE', 'ENFILE']) {
    assert.match(judge(code).message, /^This machine .* ulimit -n/);
    assert.doesNotMatch(judge(code).message, /upstream/);
  }
});

test('a certificate that waiting cannot mend is surfaced with what to do', () => {
  const rows: [code: string, hint: RegExp][] = [
    ['SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /NODE_EXTRA_CA_CERTS/],
    ['CERT_HAS_EXPIRED', /clock/],
    ['CERT_NOT_YET_VALID', /clock/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /host name/],
  ];
  for (const [code, hint] of rows) {
    const failure = judge(code);
    assert.deepEqual([failure.class, failure.action, failure.permanent], ['tls', 'surface', true]);
    assert.match(failure.message, hint);
  }
});

test('a reset while too large a body was being sent is that body’s fault', () => {
  for (const code of ['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET']) {
    const failure = judge(code, { bodyBytes: context.bodyBytesMax + 1 });
    assert.deepEqual(
      [failure.class, failure.type, failure.status, failure.action],
      ['request', 'request_too_large', 413, 'surface'],
    );
  }
  assert.equal(judge('EPIPE', { bodyBytes: context.bodyBytesMax }).class, 'network');
  assert.equal(judge('EPIPE', { bodyBytes: null }).class, 'network');
  assert.equal(judge('ENOTFOUND', { bodyBytes: context.bodyBytesMax + 1 }).class, 'network');
  // The answer had begun: the upload was not what broke it.
  assert.equal(judge('ECONNRESET', { bodyBytes: context.bodyBytesMax + 1, headers: [] }).class, 'network');
});

test('a cut answer keeps its request id', () => {
  assert.equal(judge('ECONNRESET', { headers: ['Request-Id', 'req_1'] }).requestId, 'req_1');
  assert.equal(judge('ECONNRESET').requestId, null);
});
