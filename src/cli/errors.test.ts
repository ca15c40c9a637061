import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { reportError } from './errors.ts';

/** What is said of an error on standard error. */
function told(context: TestContext, error: unknown): string {
  const write = context.mock.method(process.stderr, 'write', () => true);
  assert.equal(reportError(error), 1);
  return write.mock.calls.map(({ arguments: [text] }) => String(text)).join('');
}

test('the report of a crash at broken JSON quotes nothing of it', (context) => {
  let error: unknown;
  try {
    JSON.parse('{"text":secret}');
  } catch (caught) {
    error = caught;
  }
  assert.match(String(error), /secret/);
  assert.match(told(context, error), /^ridethrough: unexpected: SyntaxError \(/);
});
