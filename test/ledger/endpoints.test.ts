import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnAnswer, OwnEndpoint } from '../../src/core/endpoint.ts';
import { ledgerEndpoints } from '../../src/ledger/endpoints.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { storeStage } from '../store/with-stores.ts';
import { record } from './stage.ts';

/** Asks the endpoint that stands at this path. */
async function ask(store: Store, target: string): Promise<OwnAnswer | null> {
  const url = new URL(target, 'http://gateway');
  const endpoints = ledgerEndpoints(store, new VirtualClock());
  const isList = url.pathname === '/ridethrough/calls';
  const endpoint = endpoints.find(({ path }) => path.endsWith('/*') !== isList) as OwnEndpoint;
  assert.ok(endpoint.admin);
  return endpoint.answer({ path: url.pathname, query: url.searchParams, headers: [], body: new Uint8Array() });
}

test('calls are paged by the cursor, shown by any id, and wrong questions are told what would be right', async (t) => {
  const store = await (await storeStage('inline', t)).open();
  await record(
    store,
    Array.from({ length: 5 }, () => ({})),
  );
  const first = JSON.parse((await ask(store, '/ridethrough/calls?limit=3&model=claude-opus-5-5'))?.body ?? '');
  const rest = JSON.parse((await ask(store, `/ridethrough/calls?limit=3&cursor=${first.next_cursor}`))?.body ?? '');
  const ids = [...first.calls, ...rest.calls].map(({ id }) => id);
  assert.deepEqual([ids, rest.next_cursor], [['call-4', 'call-3', 'call-2', 'call-1', 'call-0'], null]);
  const story = JSON.parse((await ask(store, '/ridethrough/calls/req_2_1'))?.body ?? '');
  assert.deepEqual([story.call.id, story.attempts.length], ['call-2', 1]);
  assert.equal(await ask(store, '/ridethrough/calls/nobody'), null);
  for (const wrong of ['?sicne=1h', '?status=teapot', '?limit=0', '?cursor=x', '?model=a%00b', '/%E0%A4%A', '/a%00b']) {
    const answer = await ask(store, `/ridethrough/calls${wrong}`);
    assert.equal(answer?.status, 400, wrong);
    assert.equal(JSON.parse(answer?.body ?? '').error.type, 'invalid_request_error');
  }
});

test('a store that cannot be read is a 503 that says so', async (t) => {
  const store = await (await storeStage('inline', t)).open();
  const broken: Store = {
    ...store,
    read: () => Promise.reject(new StoreError('gone', 'The server does not answer.')),
  };
  const answer = await ask(broken, '/ridethrough/calls');
  assert.equal(answer?.status, 503);
  assert.match(answer?.body ?? '', /The ledger cannot be read\. The server does not answer\./);
});
