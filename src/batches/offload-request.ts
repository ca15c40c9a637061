import type { RawHeaders } from '../core/call.ts';
import { type KeptRequest, openRequest } from '../queue/sealed.ts';
import type { Vault } from '../queue/vault.ts';
import { removeMember } from '../wire/json-edit.ts';
import { scanMembers } from '../wire/json-scan.ts';
import { type BatchPart, readParams } from './creation-body.ts';
import { batchBytesMax, type OffloadItem } from './offload-store.ts';

/** Items that fit into one batch: they were asked for under the same path and headers. */
export interface Fitting {
  readonly path: string;
  readonly headers: RawHeaders;
  /** The item's id is its `customId`: no other batch of anybody has it. */
  readonly parts: readonly BatchPart[];
  /** Ids of items that no batch takes. */
  readonly excluded: readonly string[];
}

const streamMember: ReadonlySet<string> = new Set(['stream', 'container']);

/**
 * Sorts items: the first that a batch takes says what fits, others wait for another batch. Requests
 * with `speed`, `fallbacks`, `thread` or a container are never for batches (R15).
 */
export function fittingOf(vault: Vault, items: readonly OffloadItem[]): Fitting {
  const parts: BatchPart[] = [];
  const excluded: string[] = [];
  let first: { path: string; headers: RawHeaders; key: string } | null = null;
  let bytes = 0;
  for (const item of items) {
    const request = opened(vault, item);
    const params = request === null ? null : paramsOf(request.body);
    if (request === null || params === null) {
      excluded.push(item.id);
      continue;
    }
    const key = `${request.path}\n${versionOf(request.headers)}`;
    first ??= { path: batchPath(request.path), headers: request.headers, key };
    if (key !== first.key || bytes + params.length > batchBytesMax) continue;
    bytes += params.length;
    parts.push({ customId: item.id, params });
  }
  return { path: first?.path ?? '', headers: first?.headers ?? [], parts, excluded };
}

function opened(vault: Vault, { id, request }: OffloadItem): KeptRequest | null {
  try {
    return openRequest(vault, id, request);
  } catch {
    // The drain finds the same, and says so in the item's result.
    return null;
  }
}

function paramsOf(body: Uint8Array): Uint8Array | null {
  const members = scanMembers(body, streamMember);
  if (members === null || members.has('container')) return null;
  const params = members.has('stream') ? removeMember(body, 'stream') : body;
  return 'problem' in readParams(params) ? null : params;
}

function batchPath(path: string): string {
  const query = path.indexOf('?');
  return `/v1/messages/batches${query === -1 ? '' : path.slice(query)}`;
}

/** What the API reads of the headers: requests of one batch share it. */
function versionOf(headers: RawHeaders): string {
  const read: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    if (name.startsWith('anthropic-')) read.push(`${name}: ${headers[i + 1]}`);
  }
  return read.sort().join('\n');
}
