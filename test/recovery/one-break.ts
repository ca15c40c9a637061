import assert from 'node:assert/strict';
import type { Respond } from '../../src/testing/index.ts';
import { memoryStage } from '../engine/memory-stage.ts';
import { delta, event, open, stop, text, thinking } from '../fixtures/stream-events.ts';
import { checkStream } from './protocol-checker.ts';

export const sse = ['content-type', 'text/event-stream'];
export const words = 'The quick brown fox jumps over the lazy dog and then goes home to sleep until';

export const start = (more: object = {}) =>
  event('message_start', {
    message: {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-opus-5', content: [] },
      ...{ stop_reason: null, stop_sequence: null, usage: { input_tokens: 100, output_tokens: 1 } },
      ...more,
    },
  });
export const end = (reason: string, usage: object = { output_tokens: 50 }) =>
  event('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage }) + stop;
export const close = (index: number) => event('content_block_stop', { index });
export const begun = (index: number, value: string) => open(index, { type: 'text', text: '' }) + text(index, value);
export const said = (index: number, value: string) => begun(index, value) + close(index);
export const thought = (index: number) =>
  open(index, { type: 'thinking', thinking: '', signature: '' }) +
  thinking(index, 'hm') +
  delta(index, { type: 'signature_delta', signature: 'c2ln' }) +
  close(index);

export interface Sent {
  readonly stream?: boolean;
  readonly max_tokens: number;
  readonly messages: { readonly role: string; readonly content: unknown }[];
}

interface Break {
  /** The first answer; its connection is reset behind it. */
  readonly first: string;
  /** The second, whole; the last words that it is asked to repeat are put into it. */
  readonly next?: (anchor: string) => string;
  readonly body?: Record<string, unknown>;
  readonly headers?: string[];
}

/** One streaming call, whose stream breaks after the first answer. */
export async function breakAfter({ first, next, body = {}, headers = [] }: Break) {
  const sent: Sent[] = [];
  const stage = memoryStage((request, respond: Respond) => {
    const asked: Sent = JSON.parse(Buffer.from(request.body as Uint8Array).toString());
    sent.push(asked);
    respond.head(200, sse);
    if (sent.length === 1) {
      respond.data(Buffer.from(first));
      return respond.fail('ECONNRESET');
    }
    const [, quoted] = /ended with ("(?:[^"\\]|\\.)*")/.exec(String(asked.messages.at(-1)?.content)) ?? [];
    respond.data(Buffer.from(next?.(quoted === undefined ? '' : JSON.parse(quoted)) ?? ''));
    respond.end();
  });
  const messages = [{ role: 'user', content: 'Hello' }];
  const { reply } = stage.ask({ body: { stream: true, max_tokens: 1000, messages, ...body }, headers });
  await stage.clock.runUntil(() => reply.state === 'ended');
  return { events: Buffer.concat(reply.chunks), sent };
}

export const goesOn = (anchor: string) => start() + said(0, `${anchor} morning.`) + end('end_turn');
export const lastTurns = ({ messages }: Sent) => messages.slice(1).map(({ role }) => role);

export async function assertWhole(broken: Break, content: object[], stopReason = 'end_turn') {
  const { events, sent } = await breakAfter({ next: goesOn, ...broken });
  const reading = checkStream(events);
  assert.ok(reading.end === 'message', 'the answer ended as an error');
  assert.deepEqual(reading.message.content, content);
  assert.equal(reading.message.stop_reason, stopReason);
  return { usage: reading.message.usage, sent: sent[1] as Sent };
}

export async function assertTold(broken: Break) {
  const { events, sent } = await breakAfter({ next: goesOn, ...broken });
  assert.match(events.toString(), /\nevent: error\ndata: [^\n]+\n\n$/);
  assert.equal(sent.length, 1);
}

export const textBlock = (value: string) => ({ type: 'text', text: value });
export const whole = textBlock(`${words} morning.`);
