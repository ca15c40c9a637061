import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RidethroughError } from '../core/errors.ts';
import { corpus } from './corpus.ts';
import { loadScenario, parseScenario } from './load-scenario.ts';
import { calm } from './scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'ridethrough-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const refuses = (action: () => unknown, message: RegExp) =>
  assert.throws(action, (error) => error instanceof RidethroughError && message.test(error.message));

test('a scenario, a fault and a corpus case are loaded by name', () => {
  assert.equal(loadScenario('storm').rate, 0.3);
  assert.deepEqual(loadScenario('overloaded'), { ...calm, rate: 1, kinds: ['overloaded'] });
  assert.deepEqual(loadScenario('500-api-error').kinds, ['500-api-error']);
});

test('a file holds a scenario, in which what is left out is healthy', () => {
  const path = file('scenario.json', '{"rate":0.5,"kinds":["refuse"],"latency":{"eventMs":3}}');
  const expected = { ...calm, rate: 0.5, kinds: ['refuse'], latency: { ...calm.latency, eventMs: 3 } };
  assert.deepEqual(loadScenario(path), expected);
});

test('a file holds a case of the corpus form, which every request then meets', () => {
  const own = { ...corpus()[0], id: 'my-own-case' };
  const scenario = loadScenario(file('case.json', JSON.stringify(own)));
  assert.deepEqual([scenario.rate, scenario.kinds, scenario.cases], [1, ['my-own-case'], [own]]);
});

test('what is wrong is said in one sentence', () => {
  refuses(() => loadScenario('strom'), /no scenario, fault or file named strom/);
  refuses(() => loadScenario('constructor'), /no scenario, fault or file named constructor/);
  refuses(() => loadScenario('529'), /did you mean 529-for-hours, 529-one-model-only\?/);
  refuses(() => loadScenario('net-h2-goaway'), /cannot be played: it needs HTTP\/2/);
  refuses(() => loadScenario(folder), /cannot be read/);
  refuses(() => loadScenario(file('broken.json', '{"rate":')), /is not valid JSON/);
  refuses(() => loadScenario(file('lines.json', 'rate:\n  1\n')), /^[^\n]* is not valid JSON: [^\n]*$/);
  refuses(() => parseScenario([], 'it'), /it: a scenario is a JSON object/);
  refuses(() => parseScenario({ rates: 1 }, 'it'), /it: there is no member rates/);
  refuses(() => parseScenario({ rate: 0.5 }, 'a rate without kinds'), /wants kinds.*nothing ever fails/);
  refuses(() => parseScenario({ rate: 2 }, 'it'), /it: rate must be a number from 0 to 1/);
  refuses(() => parseScenario({ kinds: ['nothing'] }, 'it'), /it: there is no fault named nothing/);
  refuses(() => parseScenario({ outages: [{ fault: 'refuse' }] }, 'it'), /it: outages must be a list of/);
  refuses(() => parseScenario({ waits: { stallSeconds: 1 } }, 'it'), /it: waits must be numbers for/);
  refuses(() => parseScenario({ cases: [{}] }, 'it'), /it is no corpus case/);
});
