import { z } from 'zod';
import { nearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Says each issue in one sentence with its path. Never quotes a value: it might be a secret. */
export function explainIssues(issues: readonly Issue[], schema: z.ZodType, input: unknown): string {
  return issues.flatMap((issue) => explainIssue(issue, schema, input)).join(' ');
}

function explainIssue(issue: Issue, schema: z.ZodType, input: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => explainUnknownKey(issue.path, key, schema));
  }
  if (issue.code === 'invalid_key') {
    return [`${quoted(issue.path)} is no possible name here: it ${issue.issues[0]?.message ?? 'is invalid'}.`];
  }
  const expected = expectation(issue);
  if (issue.path.length === 0) return [`The file must hold ${expected}, but it holds ${kindOf(input)}.`];
  // A comparison says what must hold; for everything else what was found helps.
  if (issue.code === 'custom') return [`${quoted(issue.path)} ${issue.message}.`];
  const found = valueAt(input, issue.path);
  if (found === undefined) return [`${quoted(issue.path)} is missing: ${expected} is expected.`];
  if (issue.code === 'invalid_format') return [`${quoted(issue.path)} ${issue.message}.`];
  return [`${quoted(issue.path)} must be ${expected}, but it is ${kindOf(found)}.`];
}

function explainUnknownKey(path: Path, key: string, schema: z.ZodType): string {
  const known = knownKeys(schema, path);
  const guess = nearest(key, known);
  const hint = guess === null ? `known here are ${known.join(', ')}` : `did you mean ${quoted([...path, guess])}?`;
  return `${quoted([...path, key])} is not a known key: ${hint}${guess === null ? '.' : ''}`;
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'text that is not empty';
      if (issue.origin === 'array') return `a list of ${issue.minimum} or more`;
      return issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return 'something else';
  }
}

const typeNames: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
};

/** What a value is, in words. Numbers and truth values are shown; text never is. */
function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping of keys to values';
  if (typeof value === 'string') return value === '' ? 'empty text' : 'text';
  return String(value);
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function knownKeys(schema: z.ZodType, path: Path): string[] {
  let at: z.core.$ZodType = unwrapped(schema);
  for (const key of path) {
    if (at instanceof z.ZodObject) at = unwrapped(at.shape[String(key)]);
    else if (at instanceof z.ZodRecord) at = unwrapped(at.valueType);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let at = schema;
  while (at instanceof z.ZodDefault || at instanceof z.ZodPrefault || at instanceof z.ZodOptional) at = at.unwrap();
  return at;
}

function quoted(path: Path): string {
  return `"${path.map(String).join('.')}"`;
}
