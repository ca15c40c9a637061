import { test } from 'node:test';
import fc from 'fast-check';
import { expectedAnswer } from './answer.ts';
import { frames } from './events.ts';
import type { JsonObject } from './message.ts';
import { models } from './models.ts';
import { refusalOf } from './refusals.ts';

/** A value where another type is due, or the right one. */
const or = <T>(right: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue() });
const id = fc.constantFrom('a', 'b');
const block = fc.oneof(
  fc.record({ type: fc.constant('text'), text: or(fc.string()) }),
  fc.record({ type: fc.constant('tool_use'), id: or(id), name: id, input: fc.jsonValue() }),
  fc.record({ type: fc.constant('tool_result'), tool_use_id: or(id), content: fc.jsonValue() }),
  fc.record({ type: fc.constant('thinking'), thinking: or(fc.string()), signature: or(fc.string()) }),
);
const message = fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: or(fc.array(or(block))) });
const type = fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', 'array', 'object', 'other');
const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.record({ type: or(type), minItems: or(fc.nat()), minLength: or(fc.nat()), minimum: or(fc.integer()) }),
    fc.record({ type: fc.constant('object'), properties: fc.dictionary(fc.string(), tie('schema')) }),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ $ref: or(fc.constantFrom('#', '#/properties/a', '#/$defs/none')) }),
    fc.record({ anyOf: or(fc.array(tie('schema'))) }),
    fc.record({ enum: or(fc.array(fc.jsonValue())) }),
  ),
}));
const request = fc.record(
  {
    model: or(fc.constantFrom(...models.map((model) => model.id))),
    max_tokens: or(fc.integer({ min: 1, max: 1000 })),
    messages: or(fc.array(or(message), { minLength: 1 })),
    system: fc.jsonValue(),
    tools: or(fc.array(fc.record({ name: id, input_schema: or(schema) }))),
    tool_choice: or(fc.record({ type: fc.constantFrom('auto', 'any', 'tool', 'none'), name: or(id) })),
    thinking: or(
      fc.record({ type: fc.constantFrom('adaptive', 'enabled', 'disabled'), display: or(fc.constant('omitted')) }),
    ),
    output_config: or(fc.record({ format: or(fc.record({ schema })) })),
  },
  { requiredKeys: ['model', 'max_tokens', 'messages'] },
);

test('every JSON object is refused or answered; none makes the API throw', () => {
  fc.assert(
    fc.property(request, (body) => {
      const json = JSON.parse(JSON.stringify(body)) as JsonObject;
      refusalOf(json, true);
      if (refusalOf(json, false) === null) frames(expectedAnswer(json));
    }),
    { numRuns: 2_000 },
  );
});
