import { eachMember, type Span, skipSpace } from './json-scan.ts';

/** A value to be put in the place of another. */
export interface Edit {
  readonly span: Span;
  /** JSON text of the new value. */
  readonly json: string;
}

/** New bytes with the spans replaced; everything else stays byte for byte. The spans must not overlap. */
export function replaceMembers(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { span, json } of [...edits].sort((a, b) => a.span.start - b.span.start)) {
    parts.push(bytes.subarray(at, span.start), Buffer.from(json));
    at = span.end;
  }
  parts.push(bytes.subarray(at));
  return Buffer.concat(parts);
}

/**
 * New bytes with a member in front of all others. Of duplicates the last counts, so it must not be there yet.
 * @param bytes one whole JSON object
 * @param json JSON text of the value
 */
export function insertMember(bytes: Uint8Array, name: string, json: string): Uint8Array {
  const at = bytes.indexOf(0x7b) + 1;
  const separator = bytes[skipSpace(bytes, at)] === 0x7d ? '' : ',';
  return replaceMembers(bytes, [{ span: { start: at, end: at }, json: `${JSON.stringify(name)}:${json}${separator}` }]);
}

/**
 * New bytes without the member and its comma. All duplicates go: the one before the last would
 * otherwise come into force.
 * @param bytes one whole JSON object
 */
export function removeMember(bytes: Uint8Array, name: string): Uint8Array {
  const cuts: Span[] = [];
  // `cutFrom`: start of a run of members to be cut that has not met a member to be kept yet.
  const run = { cutFrom: null as number | null, keptEnd: null as number | null, lastEnd: 0 };
  eachMember(bytes, new Set([name]), (match, keyStart, value) => {
    run.lastEnd = value.end;
    if (match !== null) {
      run.cutFrom ??= keyStart;
      return;
    }
    if (run.cutFrom !== null) cuts.push({ start: run.cutFrom, end: keyStart });
    run.cutFrom = null;
    run.keptEnd = value.end;
  });
  // At the end it is the comma before that has to go.
  if (run.cutFrom !== null) cuts.push({ start: run.keptEnd ?? run.cutFrom, end: run.lastEnd });
  return replaceMembers(
    bytes,
    cuts.map((span) => ({ span, json: '' })),
  );
}

/**
 * The edits that take elements out of an array, each with one comma.
 * @param elements spans of all its elements
 * @param isCut for each of them, whether it goes
 */
export function elementCuts(elements: readonly Span[], isCut: readonly boolean[]): Edit[] {
  const lastKept = isCut.lastIndexOf(false);
  return elements.flatMap((element, index) => {
    if (!isCut[index]) return [];
    // Up to the next element; behind the last that stays, it is the comma before that has to go.
    const [before, next] = [elements[index - 1], elements[index + 1]];
    const goesOn = index < lastKept || before === undefined;
    const start = goesOn ? element.start : (before ?? element).end;
    return [{ span: { start, end: goesOn && next !== undefined ? next.start : element.end }, json: '' }];
  });
}
