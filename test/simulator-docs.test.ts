import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  calm,
  corpus,
  faults,
  findFault,
  manners,
  notPlayable,
  parseScenario,
  scenarios,
  statusKinds,
} from '../src/faults/index.ts';

const page = readFileSync(new URL('../docs/simulator.md', import.meta.url), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| `'));

test('the page of the simulator has a row for each fault, in its words', () => {
  for (const { name, summary } of faults) assert.ok(rows.includes(`| \`${name}\` | ${summary} |`), name);
});

test('the page names every scenario, every member of one and every manner to go on', () => {
  for (const name of [...Object.keys(scenarios), ...Object.keys(calm), ...manners, 'mixed']) {
    assert.ok(
      rows.some((row) => row.startsWith(`| \`${name}\` |`)),
      name,
    );
  }
});

test('the page has a row for each way in which the status page behaves, in its words', () => {
  for (const [name, summary] of Object.entries(statusKinds))
    assert.ok(rows.includes(`| \`${name}\` | ${summary} |`), name);
});

test('the scenario on the page is a good one', () => {
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)];
  assert.equal(blocks.length, 1);
  for (const [, json = ''] of blocks) parseScenario(JSON.parse(json), 'docs/simulator.md');
});

test('the corpus cases named on the page exist, and those that cannot be played are all named', () => {
  const ids = new Set(corpus().map(({ id }) => id));
  for (const [, id = ''] of page.matchAll(/`((?:\d{3}|mid|net|client)-[a-z0-9-]+)`/g)) {
    assert.ok(ids.has(id) || findFault(id), id);
  }
  for (const id of notPlayable.keys()) assert.ok(page.includes(`\`${id}\``), id);
});
