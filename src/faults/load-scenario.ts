import { existsSync, readFileSync } from 'node:fs';
import { RidethroughError } from '../core/errors.ts';
import { isObject } from './api/message.ts';
import { areAnswers, manners } from './api/script.ts';
import { notPlayable } from './corpus.ts';
import { readCase } from './corpus-case.ts';
import { allFaults, findFault } from './registry.ts';
import { calm, type Scenario, scenarios } from './scenario.ts';

/**
 * A scenario by what a person would type: the name of a scenario; the name of a fault or of a corpus
 * case (every request then meets it); or the path of a JSON file with a scenario or a corpus case.
 * @throws RidethroughError `invalid_usage` for an unknown name or a bad file, `unreadable_file`
 */
export function loadScenario(nameOrPath: string): Scenario {
  const named = Object.hasOwn(scenarios, nameOrPath) ? scenarios[nameOrPath] : undefined;
  if (named !== undefined) return named();
  if (findFault(nameOrPath) !== undefined) return always(nameOrPath);
  const reason = notPlayable.get(nameOrPath);
  if (reason !== undefined) {
    throw new RidethroughError('invalid_usage', `The corpus case ${nameOrPath} cannot be played: ${reason}.`);
  }
  if (!existsSync(nameOrPath)) {
    const names = [...Object.keys(scenarios), ...allFaults().map((fault) => fault.name)];
    const near = names.filter((name) => name.includes(nameOrPath) || nameOrPath.includes(name)).slice(0, 5);
    const hint =
      near.length > 0 ? `did you mean ${near.join(', ')}?` : `scenarios are ${Object.keys(scenarios).join(', ')}.`;
    throw new RidethroughError('invalid_usage', `There is no scenario, fault or file named ${nameOrPath}; ${hint}`);
  }
  const value = readJson(nameOrPath);
  if (!isObject(value) || !Object.hasOwn(value, 'http')) return parseScenario(value, nameOrPath);
  const recorded = readCase(value, nameOrPath);
  return { ...always(recorded.id), cases: [recorded] };
}

const always = (fault: string): Scenario => ({ ...calm, rate: 1, kinds: [fault] });

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RidethroughError('unreadable_file', `${path} cannot be read; check that it is a file you may read.`, {
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser quotes the file, line breaks and all.
    const reason = (cause as Error).message.replaceAll(/\s+/g, ' ');
    throw new RidethroughError('invalid_usage', `${path} is not valid JSON: ${reason}.`, { cause });
  }
}

/**
 * Checks a scenario that a person wrote, and fills in what it leaves out.
 * @param where names the source in errors: a path, or "the scenario"
 * @throws RidethroughError `invalid_usage`, naming the member that is wrong
 */
export function parseScenario(value: unknown, where: string): Scenario {
  const refuse = (problem: string) => new RidethroughError('invalid_usage', `${where}: ${problem}`);
  if (!isObject(value)) throw refuse('a scenario is a JSON object.');
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(calm, name));
  if (unknown !== undefined) {
    throw refuse(`there is no member ${unknown}; those known are ${Object.keys(calm).join(', ')}.`);
  }
  const wrong = Object.entries(checks).find(([name, check]) => name in value && !check.holds(value[name]));
  if (wrong !== undefined) throw refuse(`${wrong[0]} must be ${wrong[1].wanted}.`);
  const { batches, latency, rateLimits } = value;
  const scenario = {
    ...calm,
    ...value,
    latency: { ...calm.latency, ...(isObject(latency) ? latency : {}) },
    batches: { ...calm.batches, ...(isObject(batches) ? batches : {}) },
    rateLimits: { ...calm.rateLimits, ...(isObject(rateLimits) ? rateLimits : {}) },
  } as unknown as Scenario;
  for (const recorded of scenario.cases) readCase(recorded, where);
  const stranger = strangerIn(scenario);
  if (stranger !== null) throw refuse(`there is no fault named ${stranger}; docs/simulator.md lists them.`);
  if (scenario.rate > 0 && scenario.kinds.length === 0) {
    throw refuse('a rate above 0 wants kinds, the faults to draw from: without them nothing ever fails.');
  }
  return scenario;
}

/** The first name in a scenario that stands for no fault; null when all do. */
export function strangerIn(scenario: Scenario): string | null {
  const own = new Set(scenario.cases.map(({ id }) => id));
  const named = [...scenario.kinds, ...scenario.outages.map((outage) => outage.fault)];
  return named.find((name) => !own.has(name) && findFault(name) === undefined) ?? null;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && value >= 0;
const hasNumbers =
  (...names: string[]) =>
  (value: unknown) =>
    isObject(value) && Object.entries(value).every(([name, member]) => names.includes(name) && isNumber(member));

/** What each member must be. */
const checks: Record<keyof Scenario, { wanted: string; holds(value: unknown): boolean }> = {
  seed: { wanted: 'a whole number from 0', holds: (value) => Number.isInteger(value) && isNumber(value) },
  rate: { wanted: 'a number from 0 to 1', holds: (value) => isNumber(value) && value <= 1 },
  kinds: {
    wanted: 'a list of fault names',
    holds: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
  },
  times: { wanted: 'a number from 0, or null', holds: (value) => value === null || isNumber(value) },
  outages: {
    wanted: 'a list of {model, path, fromMs, toMs, fault}, all but path needed',
    holds: (value) => Array.isArray(value) && value.every(isOutage),
  },
  rateLimits: {
    wanted: 'numbers for requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute',
    holds: hasNumbers('requestsPerMinute', 'inputTokensPerMinute', 'outputTokensPerMinute'),
  },
  latency: {
    wanted: 'numbers for firstByteMs, eventMs, spread',
    holds: hasNumbers('firstByteMs', 'eventMs', 'spread'),
  },
  batches: { wanted: 'numbers for endMs, expiryMs', holds: hasNumbers('endMs', 'expiryMs') },
  waitScale: { wanted: 'a number from 0', holds: isNumber },
  waits: {
    wanted: 'numbers for retryAfterSeconds, stallMs, pingMs, trickleMs',
    holds: hasNumbers('retryAfterSeconds', 'stallMs', 'pingMs', 'trickleMs'),
  },
  cases: { wanted: 'a list of corpus cases', holds: Array.isArray },
  answers: { wanted: 'an object of {content, stop_reason, stop_sequence} by marks', holds: areAnswers },
  continuation: {
    wanted: `mixed, or one of ${manners.join(', ')}`,
    holds: (value) => value === 'mixed' || manners.some((manner) => manner === value),
  },
};

function isOutage(value: unknown): boolean {
  return (
    isObject(value) &&
    (value.model === null || typeof value.model === 'string') &&
    (value.path === undefined || typeof value.path === 'string') &&
    isNumber(value.fromMs) &&
    (value.toMs === null || isNumber(value.toMs)) &&
    typeof value.fault === 'string'
  );
}
