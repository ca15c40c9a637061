import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, wait } from '../../core/clock.ts';
import type { StatusMode } from './mode.ts';
import { documentsOf, type PageFacts } from './page.ts';

/** Where the documents of the page stand. */
export const statusPath = '/api/v2/';
/** Between the bytes of a page that trickles. */
const trickleMs = 1_000;

const html =
  '<!DOCTYPE html><html><head><title>Claude Status</title></head><body>All Systems Operational</body></html>';
const challenge = '<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>405</BODY></HTML>';

/** Answers a request for a document of the status page, well or as badly as the mode wants it. */
export async function serveStatus(
  request: IncomingMessage,
  response: ServerResponse,
  mode: StatusMode,
  facts: Omit<PageFacts, 'lagMs'>,
  clock: Clock,
): Promise<void> {
  if (mode.kind === 'challenge') return send(response, 405, 'text/html', challenge);
  if (mode.kind === 'html') return send(response, 200, 'text/html; charset=utf-8', html);
  const name = (request.url ?? '').slice(statusPath.length).replace(/\?.*/, '');
  const documents = documentsOf({ ...facts, spells: spellsOf(mode, facts), lagMs: mode.lagMs });
  const found = Object.hasOwn(documents, name) ? documents[name] : undefined;
  if (found === undefined) return send(response, 404, 'text/html', html);
  const body = JSON.stringify(found);
  if (mode.kind === 'slow') return trickle(response, body, clock);
  if (mode.kind === 'truncated') return send(response, 200, 'application/json', body.slice(0, body.length / 2));
  const etag = `W/"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  send(response, 200, 'application/json; charset=utf-8', body, { etag, 'cache-control': 'max-age=0, must-revalidate' });
}

function spellsOf({ kind }: StatusMode, { spells }: Pick<PageFacts, 'spells'>): PageFacts['spells'] {
  if (kind === 'green') return [];
  return kind === 'red' ? [{ model: null, fromMs: 0, toMs: null, kind: 'outage' }] : spells;
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

async function trickle(response: ServerResponse, body: string, clock: Clock): Promise<void> {
  const left = new AbortController();
  response.on('close', () => left.abort('closed'));
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  for (const character of body) {
    response.write(character);
    if (!(await wait(clock, trickleMs, left.signal))) return;
  }
  response.end();
}
