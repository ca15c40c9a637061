import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectStream } from '../../src/faults/collect-stream.ts';
import { expectedAnswer, faults, startSimulator } from '../../src/faults/index.ts';
import { ask } from './calls.ts';
import { doors, openStage } from './stage.ts';

/** Silences are for the engine's clocks to end; the recorded cases try those. */
const silences = new Set(['hang-before-head', 'stall-after-head', 'pings-only']);
const swift = faults.filter((fault) => fault.phase === 'pre-content' && !silences.has(fault.name));

for (const door of doors) {
  describe(`every fault before the first word is invisible through the ${door}`, { concurrency: 8 }, () => {
    for (const { name } of swift) {
      for (const stream of [true, false]) {
        test(`${name}, ${stream ? 'streaming' : 'in one piece'}`, async (t) => {
          const simulator = await startSimulator({ scenario: { waitScale: 0.001 } });
          const stage = await openStage(door, simulator.url, { retry: { base: 0.001, cap: 0.001 } });
          t.after(async () => {
            await stage.close();
            await simulator.close();
          });
          const body = ask({ stream });
          simulator.next(name);
          // Twice: what is left of a fault must not show in the next answer either.
          for (let i = 0; i < 2; i++) {
            const { status, whole, body: text } = await stage.send({ body });
            assert.deepEqual([status, whole], [200, true], text.toString());
            const answer = stream ? collectStream(text.toString().split(/(?<=\n\n)/)) : text.toString();
            assert.deepEqual(JSON.parse(answer ?? 'null'), expectedAnswer(body));
          }
        });
      }
    }
  });
}
