import { EnvHttpProxyAgent, request } from 'undici';
import type { Clock } from '../core/clock.ts';
import { codeOf } from '../core/errors.ts';
import { lookMsMax, pageBytesMax } from './limits.ts';
import { parseSummary, type StatusPage } from './parse.ts';

/** What an address has said of the version that it sent: it is sent back with the next question. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What one look at one address has brought. */
export type Look =
  | { readonly kind: 'page'; readonly page: StatusPage; readonly validators: Validators }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly problem: string };

/** Looks at the page of one address; never throws. `validators`: null asks for it in any case. */
export type LookAt = (url: string, validators: Validators | null, signal: AbortSignal) => Promise<Look>;

/** Looks at pages over the network. */
export interface PageReader {
  readonly look: LookAt;
  close(): Promise<void>;
}

/**
 * Reads a page as one reads what a stranger sends: JSON by its type and its shape, within a time and
 * a size, without following redirects. Everything else, a challenge of the edge above all, is a failure.
 * @param proxy `http://host:port`; null: what `HTTPS_PROXY` and `NO_PROXY` say
 */
export function pageReader(clock: Clock, proxy: string | null): PageReader {
  const dispatcher = new EnvHttpProxyAgent(proxy === null ? {} : { httpProxy: proxy, httpsProxy: proxy });
  return {
    async look(url, validators, signal) {
      const given = new AbortController();
      const stop = (reason: string) => given.abort(new Error(reason));
      const timer = clock.after(lookMsMax, () => stop(`no whole answer within ${lookMsMax / 1000} s`));
      const onAbort = () => stop('the watcher was stopped');
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        if (signal.aborted) throw new Error('the watcher was stopped');
        const headers = conditions(validators);
        const response = await request(`${url}/api/v2/summary.json`, { dispatcher, headers, signal: given.signal });
        // An answer that is not read to its end must not hold its connection, nor its error end the process.
        response.body.on('error', () => {});
        return await judge(response, validators);
      } catch (error) {
        return failed(causeOf(error));
      } finally {
        clock.cancel(timer);
        signal.removeEventListener('abort', onAbort);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function conditions(validators: Validators | null): Record<string, string> {
  const { etag = null, lastModified = null } = validators ?? {};
  return {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'ridethrough',
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  };
}

type Response = Awaited<ReturnType<typeof request>>;

async function judge(response: Response, validators: Validators | null): Promise<Look> {
  const { statusCode, headers, body } = response;
  const type = String(headers['content-type'] ?? 'nothing');
  if (statusCode === 304 && validators !== null) {
    await body.dump();
    return { kind: 'unchanged' };
  }
  if (statusCode !== 200 || !/^application\/(?:\w+\+)?json\b/i.test(type)) {
    body.destroy();
    return failed(statusCode === 200 ? `it sent ${printable(type)}, not JSON` : `it answered ${statusCode}`);
  }
  const page = await readJson(body);
  if (page === null) return failed('it sent JSON that is no status page, or half of one');
  const { etag, 'last-modified': lastModified } = headers;
  return { kind: 'page', page, validators: { etag: textOrNull(etag), lastModified: textOrNull(lastModified) } };
}

async function readJson(body: Response['body']): Promise<StatusPage | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > pageBytesMax) throw new Error(`its page is larger than ${pageBytesMax / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  try {
    return parseSummary(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    return null;
  }
}

/** Header values go out again: only those that a header can hold, in a length that is one. */
function textOrNull(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value.length <= 256 && /^[\x20-\x7e]+$/.test(value) ? value : null;
}

/** It is shown on terminals, and a header may hold what those obey. */
function printable(text: string): string {
  return text.slice(0, 40).replaceAll(/[^\x20-\x7e]/g, '?');
}

function failed(problem: string): Look {
  return { kind: 'failed', problem };
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it could not be read';
  return codeOf(error) ?? error.message;
}
