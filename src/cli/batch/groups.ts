import type { BatchLine } from './read-lines.ts';

/** Smaller than the API allows, so that results come, and are safe, in more than one piece. */
const groupLinesMax = 10_000;
const groupBytesMax = 64 * 2 ** 20;

/** Splits lines into batches. @param pending indices of lines */
export function groupsOf(lines: readonly BatchLine[], pending: readonly number[]): number[][] {
  const groups: number[][] = [];
  let group: number[] = [];
  let bytes = 0;
  for (const index of pending) {
    const size = lines[index]?.params.length ?? 0;
    if (group.length === groupLinesMax || (group.length > 0 && bytes + size > groupBytesMax)) {
      groups.push(group);
      [group, bytes] = [[], 0];
    }
    group.push(index);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

/** The body of a batch's creation, with the params byte for byte as they stand in the file. */
export function creationBody(lines: readonly BatchLine[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from('{"requests":[')];
  for (const [index, { customId, params }] of lines.entries()) {
    parts.push(Buffer.from(`${index === 0 ? '' : ','}{"custom_id":${JSON.stringify(customId)},"params":`), params);
    parts.push(Buffer.from('}'));
  }
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}
