import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { frames } from '../../src/faults/api/events.ts';
import { refusalOf } from '../../src/faults/api/refusals.ts';
import { expectedAnswer, type Manner, type Message } from '../../src/faults/index.ts';
import { cutSignature } from '../../src/wire/cut-thinking.ts';
import { drawn, everywhere, oneOf, randomFor, replay } from './extent.ts';
import { type Fixture, fixtures, answers as told } from './fixtures.ts';
import type { ReadMessage } from './protocol-checker.ts';
import { type Cut, play, type Seen } from './stage.ts';
import { messageIn, passedBefore } from './verdict.ts';

const thought = (thinking: string) => ({ type: 'thinking' as const, thinking, signature: '' });
const text = (value: string) => ({ type: 'text' as const, text: value });
const between: Fixture = {
  name: 'thinking between texts',
  request: {
    model: 'claude-sonnet-5-5',
    max_tokens: 8192,
    thinking: { type: 'adaptive' },
    messages: [{ role: 'user', content: 'Please answer as in [thinking between texts].' }],
  },
  answer: {
    content: [
      thought('Say the one thing first.'),
      text('The grid sags in the evening.'),
      thought('And now, 🙂 the other.'),
      text('The plant stays on, and rides through.'),
    ],
  },
};
const answers = { ...told, [`[${between.name}]`]: between.answer };
const thinking = [...fixtures.filter(({ name }) => /thinking/.test(name)), between];

const live = ['ridethrough-thinking', 'stream'];
const hows: readonly Cut['how'][] = ['reset', 'clean', 'stall', 'overloaded_error', 'api_error'];
const manners: readonly Manner[] = ['exact', 'repeat', 'whitespace', 'preamble'];
const offsetsMax = everywhere ? Number.POSITIVE_INFINITY : 24;
const roundsMax = everywhere ? 2_000 : 60;

type Block = ReadMessage['content'][number];
const isMarked = (block: Block) => block.type === 'thinking' && block.signature === cutSignature;
const isThought = (block: Block) => block.type === 'thinking';
const lasting = ({ content }: ReadMessage) => content.filter((block) => !isMarked(block));

function bytesOf(whole: Message): number {
  return Buffer.byteLength(frames(whole).join(''));
}

function send({ request }: Fixture, continuation: Manner, cutOf: (attempt: number, bytes: number) => Cut | null) {
  return play({ request, script: { answers, continuation }, cutOf, headers: live, chunks: randomFor('chunks') });
}

/** What is left without the marked blocks is the answer; thinking of a continuation after a released block is hidden. */
function assertHealed(message: ReadMessage, whole: Message, toolDone: boolean): void {
  const kept = lasting(message);
  if (toolDone) return assert.deepEqual(kept, whole.content.slice(0, kept.length));
  const spoken = (blocks: readonly Block[]) => blocks.filter((block) => !isThought(block));
  assert.deepEqual(spoken(kept), spoken(whole.content as unknown as Block[]));
  for (const block of kept.filter(isThought)) assert.ok(JSON.stringify(whole.content).includes(JSON.stringify(block)));
  assert.deepEqual([message.stop_reason, message.id], [whole.stop_reason, whole.id]);
}

/** The history as the caller sends it back is one that the API takes, once our door has read it. */
async function assertGoesOn({ request }: Fixture, message: ReadMessage): Promise<void> {
  if (message.stop_reason === 'tool_use') return;
  const messages = [
    ...(request.messages as object[]),
    { role: 'assistant', content: message.content },
    { role: 'user', content: 'Go on.' },
  ];
  const next = { ...request, messages } as Fixture['request'];
  if (message.content.some(isMarked)) assert.match(refusalOf(next, false)?.message ?? '', /Invalid `signature`/);
  const seen = await play({ request: next, script: { answers, continuation: 'repeat' }, cutOf: () => null });
  messageIn(seen);
  assert.equal(seen.requests.length, 1);
}

const showsThinking = (seen: Seen) => Buffer.from(seen.body).toString().includes('"thinking_delta"');

describe('thinking that is streamed live and cut anywhere is closed with a mark, and the answer comes whole', () => {
  for (const fixture of thinking) {
    test(fixture.name, async () => {
      const whole = expectedAnswer(fixture.request, { answers });
      const random = randomFor(`live ${fixture.name}`);
      let marked = 0;
      for (const how of hows) {
        for (const atByte of drawn(bytesOf(whole), offsetsMax, random)) {
          const manner = oneOf(manners, random);
          try {
            const seen = await send(fixture, manner, (attempt) => (attempt === 0 ? { how, atByte } : null));
            const message = messageIn(seen);
            const { tools, ended } = passedBefore(atByte, frames(whole));
            assertHealed(message, whole, tools > 0 && !ended);
            marked += message.content.filter(isMarked).length;
            await assertGoesOn(fixture, message);
          } catch (cause) {
            throw new Error(`${how} at byte ${atByte}, continued by ${manner} (${replay})`, { cause });
          }
        }
      }
      const shows = fixture.answer.content.some((block) => block.type === 'thinking' && block.thinking !== '');
      assert.equal(marked > 0, shows, 'some thought was cut');
    });
  }

  test(`${roundsMax} streams that are cut up to four times`, async () => {
    const random = randomFor('live, cut again');
    for (let round = 0; round < roundsMax; round++) {
      const fixture = oneOf(thinking, random);
      const whole = expectedAnswer(fixture.request, { answers });
      const times = 1 + Math.floor(random.next() * 4);
      const cuts: string[] = [];
      try {
        const seen = await send(fixture, oneOf(manners, random), (attempt, bytes) => {
          if (attempt >= times) return null;
          const cut = { how: oneOf(hows, random), atByte: Math.floor(random.next() * bytes) };
          cuts.push(`${cut.how} at ${cut.atByte}`);
          return cut;
        });
        const message = messageIn(seen);
        const toolDone = whole.stop_reason === 'tool_use' && lasting(message).at(-1)?.type === 'tool_use';
        assertHealed(message, whole, toolDone);
        await assertGoesOn(fixture, message);
      } catch (cause) {
        throw new Error(`round ${round}, [${fixture.name}]: ${cuts} (${replay})`, { cause });
      }
    }
  });
});

test('thinking is shown as it comes only where it was asked for', async () => {
  const [fixture] = thinking as [Fixture];
  const whole = expectedAnswer(fixture.request, { answers });
  const stream = frames(whole).join('');
  const inThought = Buffer.byteLength(stream.slice(0, stream.indexOf('signature_delta')));
  for (const headers of [live, ['ridethrough-thinking', 'hold'], []]) {
    const seen = await play({
      request: fixture.request,
      script: { answers, continuation: 'error-400' },
      cutOf: (attempt) => (attempt === 0 ? { how: 'reset', atByte: inThought } : null),
      headers,
    });
    const { content } = messageIn(seen);
    assert.ok(showsThinking(seen));
    assert.equal(content.filter(isMarked).length, headers === live ? 1 : 0);
    assert.deepEqual(
      content.filter((block) => !isMarked(block)),
      whole.content,
    );
    // What is asked again after half a thought is the caller's own request, byte for byte.
    assert.deepEqual(seen.requests[1]?.body, seen.requests[0]?.body);
  }
});
