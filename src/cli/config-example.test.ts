import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configJsonSchema } from '../config/json-schema.ts';
import { parseConfig } from '../config/load.ts';
import type { SchemaNode } from './config-example.ts';
import { exampleConfig } from './config-example.ts';

const schema = configJsonSchema() as SchemaNode;
const text = exampleConfig(schema);
const env = {
  BACKUP_API_KEY: 'key',
  RIDETHROUGH_TEAM_TOKEN: 'a-token-long-enough',
  STATUSPAGE_WEBHOOK_SECRET: 'a-secret-long-enough',
  SLACK_WEBHOOK_URL: 'https://hooks.example.com/x',
  QUEUE_WEBHOOK_URL: 'https://hooks.example.com/y',
  QUEUE_WEBHOOK_SECRET: 'a-secret-long-enough',
};
const load = (yaml: string) => parseConfig(yaml, 'example.yaml', { upstream: null, env });

test('as it is written, the example changes nothing', () => {
  assert.deepEqual(load(text), load(''));
});

test('with every key set, it is a valid configuration that names each key of the schema', () => {
  const uncommented = text.replace(/^#(?=\S| {2})/gm, '');
  const config = load(uncommented);
  assert.deepEqual(config.limits, load('').limits);
  assert.deepEqual(config.hosts, ['gateway.example.com']);
  for (const key of Object.keys(schema.properties ?? {})) assert.match(uncommented, new RegExp(`^${key}:`, 'm'));
});
