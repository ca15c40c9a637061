import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { expectedAnswer } from '../../src/faults/index.ts';
import { clientOf, openWay, ways } from './ways.ts';

const params = {
  model: 'claude-opus-5-5',
  max_tokens: 50,
  messages: [{ role: 'user' as const, content: 'Tell me about maps.' }],
};

for (const way of ways) {
  suite(`@anthropic-ai/sdk by ${way}`, () => {
    test('batches are created, followed, read, listed, cancelled and deleted', async (context) => {
      const { simulator, reach } = await openWay(context, way);
      const { batches } = clientOf(reach).messages;
      const created = await batches.create({ requests: [{ custom_id: 'one', params }] });
      // What may be asked again is: a creation would not be.
      simulator.next('overloaded', 2);
      assert.equal((await batches.retrieve(created.id)).processing_status, 'ended');
      const results = [];
      for await (const item of await batches.results(created.id)) results.push(item);
      assert.equal(results[0]?.custom_id, 'one');
      const result = results[0]?.result;
      assert.ok(result?.type === 'succeeded');
      assert.deepEqual(result.message.content, expectedAnswer(params).content);
      assert.equal((await batches.list()).data[0]?.id, created.id);
      assert.equal((await batches.cancel(created.id)).id, created.id);
      assert.equal((await batches.delete(created.id)).type, 'message_batch_deleted');
      assert.equal(
        simulator.count(({ fault }) => fault !== null),
        2,
      );
    });

    test('tokens are counted, and counted again where the first time fails', async (context) => {
      const { simulator, reach } = await openWay(context, way);
      simulator.next('overloaded');
      const { max_tokens, ...counted } = params;
      const { input_tokens } = await clientOf(reach).messages.countTokens(counted);
      assert.equal(input_tokens, expectedAnswer({ ...params, max_tokens }).usage.input_tokens);
      assert.equal(simulator.count(), 2);
    });

    test('models are listed and looked up', async (context) => {
      const { simulator, reach } = await openWay(context, way);
      simulator.next('reset-before-head');
      const client = clientOf(reach);
      const ids = [];
      for await (const { id } of client.models.list({ limit: 5 })) ids.push(id);
      assert.ok(ids.includes('claude-opus-5-5') && ids.length > 5, ids.join(' '));
      assert.equal((await client.models.retrieve('claude-opus-5-5')).id, 'claude-opus-5-5');
    });

    test('a file is uploaded', async (context) => {
      const { reach } = await openWay(context, way);
      const file = await toFile(Buffer.from('one,two\n'), 'a.csv', { type: 'text/csv' });
      const uploaded = await clientOf(reach).beta.files.upload({ file });
      assert.deepEqual([uploaded.filename, uploaded.size_bytes], ['a.csv', 8]);
    });

    test('an error that is final is the upstream’s own, and is not asked for again', async (context) => {
      const { simulator, reach } = await openWay(context, way);
      // With retries of its own switched on, the SDK is told not to use them.
      const client = clientOf(reach).withOptions({ maxRetries: 2 });
      await assert.rejects(client.messages.create({ ...params, model: 'claude-none' }), (error) => {
        assert.ok(error instanceof Anthropic.NotFoundError);
        assert.equal(error.requestID, simulator.attempts.at(-1)?.requestId);
        return /model: claude-none/.test(error.message);
      });
      assert.equal(simulator.count(), 1);
    });

    test('a caller that leaves ends the attempt upstream', async (context) => {
      const { simulator, reach } = await openWay(context, way);
      simulator.setScenario({ latency: { firstByteMs: 0, eventMs: 50, spread: 0 } });
      const aborter = new AbortController();
      const stream = clientOf(reach).messages.stream(params, { signal: aborter.signal });
      await new Promise((resolve) => stream.once('text', resolve));
      const ended = assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
      aborter.abort();
      await ended;
      while (simulator.attempts[0]?.end === 'open') await new Promise((resolve) => setImmediate(resolve));
      assert.equal(simulator.attempts[0]?.end, 'left');
    });
  });
}
