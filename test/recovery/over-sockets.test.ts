import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Frame, frames } from '../../src/faults/api/events.ts';
import {
  type Attempt,
  type ContentBlock,
  corpus,
  expectedAnswer,
  startSimulator,
  type ToldAnswer,
} from '../../src/faults/index.ts';
import { type DoorName, doors, openStage, type Seen, type StageOptions } from '../conformance/stage.ts';
import { oneOf, randomFor, replay } from './extent.ts';
import { answers, fixtures } from './fixtures.ts';
import { checkStream, type ReadMessage } from './protocol-checker.ts';
import { assertClosedAfterTool, assertWhole, passedBefore } from './verdict.ts';

/** Backoffs that take no time, and a silence that is over after a second. */
const quick: StageOptions = {
  retry: { base: 0.001, cap: 0.001 },
  timeouts: { idle: 1, first_byte: 5 },
  breaker: { failures: 1000 },
};

function messageOf({ status, body, whole }: Seen): ReadMessage {
  assert.deepEqual([status, whole], [200, true], body.toString());
  const reading = checkStream(body);
  assert.ok(reading.end === 'message', body.toString());
  return reading.message;
}

/** One call through a door; the first attempt meets `fault`, the others nothing. */
async function callOnce(door: DoorName, request: object, told: Readonly<Record<string, ToldAnswer>>, fault: string) {
  const simulator = await startSimulator({
    scenario: { answers: told, continuation: 'mixed', waitScale: 0.001, waits: { stallMs: 600_000 } },
    plan: ({ index }) => (index === 1 ? fault : null),
  });
  const stage = await openStage(door, simulator.url, quick);
  try {
    const seen = await stage.send({ body: JSON.stringify({ ...request, stream: true }) });
    const attempts: readonly Attempt[] = simulator.attempts;
    return { seen, attempts };
  } finally {
    await stage.close();
    await simulator.close();
  }
}

function bytesOf(all: readonly Frame[]): number {
  return Buffer.byteLength(all.join(''));
}

for (const door of doors) {
  describe(`over real sockets, through the ${door}`, { concurrency: 8 }, () => {
    for (const fixture of fixtures) {
      for (const cut of ['cut-reset', 'cut-clean', 'cut-error', 'cut-stall']) {
        const random = randomFor(`${door} ${fixture.name} ${cut}`);
        const whole = expectedAnswer(fixture.request, { answers });
        const stream = frames(whole);
        const atByte = Math.floor(random.next() * bytesOf(stream));

        test(`${fixture.name}, ${cut} at byte ${atByte} (${replay})`, async () => {
          const { seen, attempts } = await callOnce(door, fixture.request, answers, `${cut}@${atByte}`);
          const { tools, ended } = passedBefore(atByte, stream);
          const message = messageOf(seen);
          if (tools === 0 || ended) assertWhole(message, whole);
          else assertClosedAfterTool(message, whole);
          assert.equal(attempts.length, tools > 0 || ended ? 1 : 2);
        });
      }
    }

    for (const recorded of corpus().filter(({ expect }) => expect.action === 'resume')) {
      test(`the recorded case ${recorded.id} is resumed, and whole`, async () => {
        const told = toldFrom(recorded.sse ?? []);
        const tools = told.content.flatMap((block) => (block.type === 'tool_use' ? [block.name] : []));
        const request = {
          model: oneOf(['claude-opus-5-5', 'claude-haiku-5-5'], randomFor(recorded.id)),
          max_tokens: 1024,
          messages: [{ role: 'user', content: 'Please answer as in [the record].' }],
          tools: tools.map((name) => ({ name, input_schema: { type: 'object' } })),
        };
        const { seen, attempts } = await callOnce(door, request, { '[the record]': told }, recorded.id);
        const { content, stop_reason } = messageOf(seen);
        assert.deepEqual([content, stop_reason], [told.content, told.stop_reason]);
        // R10: a whole tool call closes the turn; nothing is asked for again.
        assert.equal(attempts.length, recorded.id === 'tool-complete-then-eof' ? 1 : 2);
      });
    }
  });
}

/** What a recorded stream would have come to: its texts with a sentence more where they broke off, its tools with arguments. */
function toldFrom(sse: readonly string[]): ToldAnswer {
  const content: ContentBlock[] = [];
  let open = false;
  for (const data of sse.flatMap((event) => event.match(/(?<=^data: ?)\{.*\}$/m) ?? [])) {
    const { type, content_block, delta } = JSON.parse(data);
    if (type === 'content_block_start') content.push(content_block);
    if (type === 'content_block_start' || type === 'content_block_stop') open = type === 'content_block_start';
    const last = content.at(-1);
    if (delta?.type === 'text_delta' && last?.type === 'text') last.text += delta.text;
    if (delta?.type === 'input_json_delta' && last?.type === 'tool_use' && delta.partial_json.endsWith('}')) {
      last.input = JSON.parse(delta.partial_json);
    }
  }
  const last = content.at(-1);
  if (open && last?.type === 'text') last.text += ' and save it. Then close it again.';
  return { content, stop_reason: last?.type === 'tool_use' ? 'tool_use' : 'end_turn' };
}
