import assert from 'node:assert/strict';
import type { Call, RawHeaders } from '../../src/core/call.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine, type EngineOptions } from '../../src/engine/engine.ts';
import { isProblem, makeCall } from '../../src/engine/intake.ts';
import { CollectReply, type MemoryUpstream, memoryTransport, VirtualClock } from '../../src/testing/index.ts';

export const json: RawHeaders = ['content-type', 'application/json'];
export const message = '{"type":"message","content":[],"stop_reason":"end_turn"}';

export function errorJson(type: string, text = type): string {
  return JSON.stringify({ type: 'error', error: { type, message: text } });
}

/** The upstream that every engine here asks first. */
export const primary = {
  name: 'default',
  origin: 'http://upstream',
  basePath: '',
  credential: null,
  models: new Map<string, string>(),
};

export interface Asking {
  readonly path?: string;
  readonly headers?: RawHeaders;
  /** Members of the body beside those that every request has. */
  readonly body?: Record<string, unknown>;
}

/** An engine in virtual time before an upstream that is a function. */
export function memoryStage(upstream: MemoryUpstream, options: Partial<EngineOptions> = {}, seed = 1) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const transport = memoryTransport({ clock, upstream, connectMs: 1 });
  const engine = createEngine({ transport, primary, clock, random, ...options });
  const callFor = ({ path = '/v1/messages', headers = [], body = {} }: Asking): Call => {
    const bytes = Buffer.from(JSON.stringify({ model: 'claude-opus-5', max_tokens: 100, messages: [], ...body }));
    const caller = { credential: null, token: null };
    const limits = options.limits ?? defaultLimits;
    const call = makeCall({ method: 'POST', path, headers }, bytes, caller, { clock, random, limits });
    assert.ok(!isProblem(call));
    return call;
  };
  const ask = (asking: Asking = {}, reply = new CollectReply()) => {
    const flow = engine.handle(callFor(asking), reply);
    return { reply, flow };
  };
  return { clock, transport, engine, ask };
}
