import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutSignature, stripCutThinking } from './cut-thinking.ts';

const cut = `{"type" : "thinking", "thinking":"so\\u0041 \\"x\\"", "signature":"${cutSignature}"}`;
const whole = '{"signature":"ErAB", "type":"thinking","thinking":"wait"}';
const text = '{ "type":"text","text":"tide 🙂" }';

const request = (content: string) =>
  `{ "n":1.0, "messages" : [ {"role":"user","content":"hi"} ,\n{"content":${content} , "role":"assistant"}], "max_tokens":9}`;
const strip = (json: string) => Buffer.from(stripCutThinking(Buffer.from(json))).toString();

test('cut thinking goes with one comma wherever it stands, and every other byte stays', () => {
  const cases = [
    [`[${cut}, ${text}]`, `[${text}]`],
    [`[ ${whole} ,  ${cut},\n${text}]`, `[ ${whole} ,  ${text}]`],
    [`[${whole} , ${cut} ]`, `[${whole} ]`],
    [`[${cut},${cut} ,${whole},${cut}, ${text} , ${cut} ,${cut}]`, `[${whole},${text}]`],
  ] as const;
  for (const [before, after] of cases) assert.equal(strip(request(before)), request(after));
});

test('a message of nothing else keeps a place for itself', () => {
  const { messages } = JSON.parse(strip(request(`[${cut}]`)));
  assert.deepEqual(messages[1], { role: 'assistant', content: [{ type: 'text', text: '(thinking removed)' }] });
});

test('what only speaks of the mark is left alone', () => {
  const bodies = [
    request(JSON.stringify(`why is it signed ${cutSignature}?`)),
    request(`[{"type":"text","text":"x","signature":"${cutSignature}"}, ${whole}]`),
    request(`[{"type":"tool_use","input":{"type":"thinking","signature":"${cutSignature}"}}]`),
    `{"messages":[{"content":[${cut}`,
    `{"system":[${cut}],"messages":"${cutSignature}"}`,
  ];
  for (const body of bodies) assert.equal(strip(body), body);
});

test('a body without the mark is given back as it is, not copied', () => {
  const body = Buffer.from(request(`[${whole}]`));
  assert.equal(stripCutThinking(body), body);
});
