import type { BatchPart } from '../../batches/creation-body.ts';

/** Smaller than the API allows, so that results come, and are safe, in more than one piece. */
const groupLinesMax = 10_000;
const groupBytesMax = 64 * 2 ** 20;

/** Splits lines into batches. @param pending indices of lines */
export function groupsOf(lines: readonly BatchPart[], pending: readonly number[]): number[][] {
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
