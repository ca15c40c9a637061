import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { parseConfig } from '../src/config/load.ts';

const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');

/** As much of JSON Schema as the configuration uses. */
interface Node {
  readonly type?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | boolean;
}

/** Every key of the schema with its default as the page writes it. */
function keysOf(node: Node, path: string): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [name, member] of Object.entries(node.properties ?? {})) {
    const key = path === '' ? name : `${path}.${name}`;
    const isGroup = member.properties !== undefined;
    if (!isGroup) keys.set(key, node.required?.includes(name) ? 'required' : written(member.default));
    const inner = typeof member.additionalProperties === 'object' ? member.additionalProperties : null;
    for (const [deeper, value] of keysOf(inner ?? member, inner === null ? key : `${key}.<name>`))
      keys.set(deeper, value);
  }
  return keys;
}

function written(value: unknown): string {
  if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0))
    return 'none';
  return typeof value === 'number' ? String(value) : `\`${value}\``;
}

test('the page has every key of the schema, and no other, with its true default', () => {
  const rows = [...page.matchAll(/^\| `(?<key>[a-z_.<>]+)` \| (?<value>[^|]+) \|/gm)];
  const documented = new Map(rows.map(({ groups }) => [groups?.key ?? '', groups?.value ?? '']));
  assert.deepEqual([...documented].sort(), [...keysOf(configJsonSchema() as Node, '')].sort());
});

test('the example of the page is loaded', () => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const env = {
    RELAY_API_KEY: 'relay',
    TOKEN_TEAM_SEARCH: 'search'.repeat(3),
    TOKEN_PROMETHEUS: 'prometheus'.repeat(3),
  };
  const config = parseConfig(example, 'docs/configuration.md', { env, upstream: null });
  assert.equal(config.limits.timeouts.deadline, 900);
  assert.equal(config.limits.retry.max, 8);
  assert.deepEqual(config.fallback.get('claude-opus-5-5'), ['claude-sonnet-5-5', 'relay/claude-opus-5-5']);
  assert.equal(config.upstreams.get('relay')?.models.get('claude-opus-5-5'), 'opus-latest');
  assert.deepEqual(
    config.tokens.map(({ name, admin }) => [name, admin]),
    [
      ['team-search', false],
      ['prometheus', true],
    ],
  );
});

test('every member of the published schema is described, and closed to unknown keys', () => {
  const visit = (node: Node, path: string): void => {
    if (node.properties !== undefined) assert.equal(node.additionalProperties, false, path);
    for (const [name, member] of Object.entries(node.properties ?? {})) {
      assert.ok(member.description, `${path}.${name}`);
      visit(member, `${path}.${name}`);
    }
    if (typeof node.additionalProperties === 'object') visit(node.additionalProperties, `${path}.*`);
  };
  visit(configJsonSchema() as Node, '');
  assert.equal(configJsonSchema().$schema, 'https://json-schema.org/draft/2020-12/schema');
});

test('the published schema refuses an empty list of targets, as the check does', () => {
  const { properties } = configJsonSchema() as { properties: { fallback: { additionalProperties: object } } };
  assert.partialDeepStrictEqual(properties.fallback.additionalProperties, { type: 'array', minItems: 1 });
});
