import type { Answers, ContentBlock, MessagesRequest, ToldAnswer } from '../../src/faults/index.ts';

/** A conversation and the whole answer to it. */
export interface Fixture {
  readonly name: string;
  /** Without `stream`. */
  readonly request: MessagesRequest;
  readonly answer: ToldAnswer;
}

const text = (value: string): ContentBlock => ({ type: 'text', text: value });
const thought = (value: string): ContentBlock => ({ type: 'thinking', thinking: value, signature: '' });
const call = (id: string, name: string, input: Record<string, string | number | string[]>): ContentBlock => ({
  type: 'tool_use',
  id: `toolu_01${id}`,
  name,
  input,
});

const tools = ['book', 'weigh'].map((name) => ({
  name,
  input_schema: { type: 'object', properties: { of: { type: 'string' } } },
}));
const searching = { tools: [{ type: 'web_search_20260209', name: 'web_search' }] };
const source = { url: 'https://example.org/grid', title: 'The grid' };
const cite = (cited_text: string) => ({
  type: 'web_search_result_location',
  ...source,
  encrypted_index: 'Eo8BCioIAhgBIiQyYjQ0OWJmZi1lNm',
  cited_text,
});

/** A conversation whose answer is told by the name of the fixture. */
function fixture(name: string, answer: ToldAnswer, more: MessagesRequest = {}): Fixture {
  const content = `Please answer as in [${name}].`;
  const messages = [{ role: 'user', content }];
  return { name, request: { model: 'claude-sonnet-5-5', max_tokens: 8192, messages, ...more }, answer };
}

const plain =
  'The grid sags, and the plant stays on. First the voltage falls; then, for five cycles, nobody moves.\n\n' +
  'After that  the controller counts:\n\n- one\n- two\n- three\n\nIt holds. "Ride through," they call it — and rest.';
const unicode =
  '数据流在中间断开。🙂👩‍🔧👩‍👩‍👧‍👦 Cafe\u0301 nai\u0308ve Zoe\u0308, e\u0301te\u0301; \u{1F1E9}\u{1F1EA} flag, \u{1F44D}\u{1F3FD} thumb, ' +
  'क्षत्रिय नमस्ते، السَّلَامُ عَلَيْكُم, 𝒳𝓎𝓏 — “quotes” and \\ "escapes" \t tab.';
const code =
  'Here it is:\n\n```js\nfor (const a of list) {\n  if (a) {\n    push(a);\n  }\n}\nfor (const b of list) {\n  if (b) {\n    push(b);\n  }\n}\n' +
  'for (const a of list) {\n  if (a) {\n    push(a);\n  }\n}\n```\n\nAnd the same again:\n\n```js\nfor (const a of list) {\n  if (a) {\n    push(a);\n  }\n}\n```\n';
/** Paragraphs that differ in a number only, so that an anchor must grow. */
const veryLong = Array.from(
  { length: 400 },
  (_, at) => `Paragraph ${at}: the relay opens, the relay closes, and the line carries what it can carry. `,
).join('\n');

const thinking = { thinking: { type: 'adaptive' } };
const serverCall = (id: string, query: string): ContentBlock => ({
  type: 'server_tool_use',
  id: `srvtoolu_01${id}`,
  name: 'web_search',
  input: { query },
});
const serverResult = (id: string): ContentBlock => ({
  type: 'web_search_tool_result',
  tool_use_id: `srvtoolu_01${id}`,
  content: [
    { type: 'web_search_result', ...source, encrypted_content: 'EqgfCioIARgBIiQ3YTAwMjY1Mi1m', page_age: null },
  ],
});

export const fixtures: readonly Fixture[] = [
  fixture('text only', { content: [text(plain)] }),
  fixture('unicode', { content: [text(unicode)] }),
  fixture('thinking and text', { content: [thought('What does a grid do? It sags, naïvely.'), text(plain)] }, thinking),
  fixture(
    'thinking not shown',
    { content: [thought(''), text(plain)] },
    { thinking: { type: 'adaptive', display: 'omitted' } },
  ),
  fixture(
    'redacted thinking',
    { content: [{ type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix/LafPsn4a' }, text(plain)] },
    thinking,
  ),
  fixture(
    'text and tool',
    { content: [text('I will book it.'), call('A', 'book', { of: 'tide 🙂', at: 3 })], stop_reason: 'tool_use' },
    { tools },
  ),
  fixture('tool only', { content: [call('B', 'weigh', { of: 'one\n"two"' })], stop_reason: 'tool_use' }, { tools }),
  fixture(
    'two parallel tools',
    {
      content: [text('Both at once.'), call('C', 'book', { of: 'a' }), call('D', 'weigh', { of: 'b', in: ['kg'] })],
      stop_reason: 'tool_use',
    },
    { tools },
  ),
  fixture(
    'text between tools',
    {
      content: [
        text('First the one thing.'),
        call('E', 'book', { of: 'a' }),
        text('Then, after it, the other.'),
        call('F', 'weigh', { of: 'b' }),
      ],
      stop_reason: 'tool_use',
    },
    { tools },
  ),
  fixture(
    'thinking and tool',
    { content: [thought('A tool is due.'), call('G', 'book', { of: 'a' })], stop_reason: 'tool_use' },
    { tools, ...thinking },
  ),
  fixture(
    'citations',
    {
      content: [
        text('According to the page, '),
        { type: 'text', text: 'the grid sagged', citations: [cite('It sagged.'), cite('It did sag.')] },
        text(' and then '),
        { type: 'text', text: 'the plant stayed on', citations: [cite('It stayed.')] },
        text('.'),
      ],
    },
    {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'It sagged.' },
              citations: { enabled: true },
            },
            { type: 'text', text: 'Please answer as in [citations].' },
          ],
        },
      ],
    },
  ),
  fixture(
    'server tools',
    {
      content: [
        text('I will look it up. '),
        serverCall('A', 'grid sag'),
        serverResult('A'),
        { type: 'text', text: 'It sagged', citations: [cite('It sagged.')] },
        text(', says the page; once more: '),
        serverCall('B', 'plant'),
        serverResult('B'),
        text('\n\nAnd it stayed on.'),
      ],
    },
    searching,
  ),
  fixture('code with repeated lines', { content: [text(code)] }),
  fixture(
    'JSON output',
    { content: [text('{"city": "Zürich", "nights": [1, 2, 3], "note": "a \\"b\\" c"}')] },
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
  ),
  fixture('very long', { content: [text(veryLong)] }, { max_tokens: 64_000 }),
  fixture('empty', { content: [] }),
  fixture('stop sequence', { content: [text(plain)], stop_reason: 'stop_sequence', stop_sequence: '\n\nHuman:' }),
  fixture('max tokens', { content: [text(plain)], stop_reason: 'max_tokens' }),
  fixture('refusal', { content: [text('I')], stop_reason: 'refusal' }),
  fixture('white space first', { content: [text('\n\n  And so it began. It went on, and then it ended.\n')] }),
  fixture('unknown block', {
    content: [text(plain.slice(0, 60)), { type: 'future_gauge', value: 3, of: { what: 'voltage' } }, text(plain)],
  }),
  fixture('prefill model', { content: [text(plain)] }, { model: 'claude-haiku-4-5' }),
  fixture(
    "the caller's own prefill",
    { content: [text(plain)] },
    {
      model: 'claude-haiku-4-5',
      messages: [
        { role: 'user', content: "Please answer as in [the caller's own prefill]." },
        { role: 'assistant', content: 'Well, then:' },
      ],
    },
  ),
  fixture(
    'after a tool result',
    { content: [text(plain)] },
    {
      tools,
      messages: [
        { role: 'user', content: 'Book it.' },
        { role: 'assistant', content: [call('H', 'book', { of: 'a' })] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_01H', content: 'booked' },
            { type: 'text', text: 'Please answer as in [after a tool result].' },
          ],
        },
      ],
    },
  ),
];

/** What the simulator is told to answer. */
export const answers: Answers = Object.fromEntries(fixtures.map(({ name, answer }) => [`[${name}]`, answer]));
