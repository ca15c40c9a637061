import type { Clock } from '../core/clock.ts';
import { jsonAnswer, type OwnAnswer, type OwnEndpoint } from '../core/endpoint.ts';
import { RidethroughError } from '../core/errors.ts';
import { type Store, StoreError } from '../store/store.ts';
import { listCalls, showCall } from './query.ts';
import { cursorOf, filterNames, readCursor, readFilter, readLimit } from './read-filter.ts';

const callsPath = '/ridethrough/calls';
const pageNames: ReadonlySet<string> = new Set([...filterNames, 'limit', 'cursor']);

/** `GET /ridethrough/calls` and `GET /ridethrough/calls/ID`, for administrators. */
export function ledgerEndpoints(store: Store, clock: Clock): OwnEndpoint[] {
  return [
    {
      method: 'GET',
      path: callsPath,
      admin: true,
      answer: ({ query }) => answered(() => page(store, query, clock.now())),
    },
    {
      method: 'GET',
      path: `${callsPath}/*`,
      admin: true,
      answer: ({ path }) =>
        answered(async () => {
          const story = await showCall(store, checked(decodeURIComponent(path.slice(callsPath.length + 1))));
          return story === null ? null : jsonAnswer(story);
        }),
    },
  ];
}

async function page(store: Store, query: URLSearchParams, nowMs: number): Promise<OwnAnswer> {
  for (const name of query.keys()) {
    checked(query.get(name) ?? '');
    if (pageNames.has(name)) continue;
    throw new RidethroughError('invalid_usage', `"${name}" is no filter: use ${[...pageNames].join(', ')}.`);
  }
  const words = Object.fromEntries(filterNames.map((name) => [name, query.get(name) ?? undefined]));
  const filter = readFilter(words, nowMs);
  const { calls, next } = await listCalls(
    store,
    filter,
    readLimit(query.get('limit')),
    readCursor(query.get('cursor')),
  );
  return jsonAnswer({ calls, next_cursor: next === null ? null : cursorOf(next) });
}

/** Postgres knows no text with a NUL in it, and would call the question a failure of its own. */
function checked(word: string): string {
  if (word.includes('\0')) throw new RidethroughError('invalid_usage', 'No id and no filter has a NUL (%00) in it.');
  return word;
}

/** Tells in the API's envelope what was wrong with the question, or with the store. */
async function answered(answer: () => Promise<OwnAnswer | null>): Promise<OwnAnswer | null> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof RidethroughError || error instanceof URIError) {
      return failure(400, 'invalid_request_error', error.message);
    }
    if (error instanceof StoreError) return failure(503, 'api_error', `The ledger cannot be read. ${error.message}`);
    throw error;
  }
}

function failure(status: number, type: string, message: string): OwnAnswer {
  return jsonAnswer({ type: 'error', error: { type, message } }, status);
}
