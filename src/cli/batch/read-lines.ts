import { readFileSync } from 'node:fs';
import { type BatchPart, customIdPattern, readParams } from '../../batches/creation-body.ts';
import { RidethroughError } from '../../core/errors.ts';
import { scanMembers, valueAt } from '../../wire/json-scan.ts';

/** As many bad lines are named; the rest are counted. */
const namedMax = 10;
const lineFeed = 0x0a;
const members: ReadonlySet<string> = new Set(['custom_id', 'params']);

/**
 * Reads requests, one a line: `{"custom_id": …, "params": …}` as the Batches API takes them, or bare
 * params, which are then called `line-N`. Blank lines are passed over. Everything is checked before anything is sent.
 * @throws RidethroughError `unreadable_file`, or `invalid_usage` with the numbers of the bad lines
 */
export function readBatchLines(path: string): { lines: BatchPart[]; bytes: Uint8Array } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new RidethroughError('unreadable_file', `${path} cannot be read: check its name and permissions.`, { cause });
  }
  const lines: BatchPart[] = [];
  const problems: string[] = [];
  const numbers = new Map<string, number>();
  for (const [index, line] of splitLines(bytes).entries()) {
    if (line.toString('latin1').trim() === '') continue;
    const read = readLine(line, index + 1);
    const twin = 'problem' in read ? undefined : numbers.get(read.customId);
    if ('problem' in read) problems.push(`line ${index + 1}: ${read.problem}`);
    else if (twin !== undefined) problems.push(`line ${index + 1}: its custom_id is that of line ${twin}`);
    else {
      numbers.set(read.customId, index + 1);
      lines.push(read);
    }
  }
  if (problems.length > 0) throw bad(path, problems);
  if (lines.length === 0) throw new RidethroughError('invalid_usage', `${path} holds no requests: write one a line.`);
  return { lines, bytes };
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function readLine(line: Buffer, number: number): BatchPart | { problem: string } {
  const found = scanMembers(line, members);
  if (found === null) return { problem: 'it is not a JSON object' };
  const span = found.get('params');
  const params = span === undefined ? line : line.subarray(span.start, span.end);
  const given = valueAt(line, found.get('custom_id'));
  const isBare = span === undefined && given === undefined;
  const customId = isBare ? `line-${number}` : given;
  if (typeof customId !== 'string') return { problem: 'custom_id is missing' };
  if (!customIdPattern.test(customId)) return { problem: `custom_id must match ${customIdPattern.source}` };
  if (!isBare && span === undefined) return { problem: 'params are missing' };
  const read = readParams(params);
  return 'problem' in read ? { problem: `params${read.problem}` } : { customId, params };
}

function bad(path: string, problems: readonly string[]): RidethroughError {
  const named = problems.slice(0, namedMax).join('; ');
  const more = problems.length > namedMax ? `; and ${problems.length - namedMax} more` : '';
  const count = problems.length === 1 ? 'a bad line' : `${problems.length} bad lines`;
  return new RidethroughError('invalid_usage', `${path} has ${count}, and nothing was sent: ${named}${more}.`);
}
