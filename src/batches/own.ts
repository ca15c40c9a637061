import { ownHeaders } from '../engine/final-error.ts';
import { answerJson, answerProblem, describe, notFound } from './answers.ts';
import { ResultsStream } from './results.ts';
import type { Visit } from './visit.ts';

const refused = (message: string) => ({ status: 400, type: 'invalid_request_error', message });

/**
 * Serves a batch of the queue to the caller who made it; to anybody else it does not exist.
 * @param action what stands behind the id in the path; null where nothing does
 */
export async function serveOwn(visit: Visit, id: string, action: string | null): Promise<void> {
  const { call, deps } = visit;
  const { scope } = deps.identify(call.caller);
  const view = await deps.desk.batch(id, scope);
  if (view === null) return answerProblem(visit, call, notFound(id));
  const asked = `${call.method} ${action ?? ''}`.trim();
  if (asked === 'GET') return answerJson(visit, call, describe(view));
  if (asked === 'DELETE') {
    const removed = await deps.desk.remove(id, scope);
    if (removed === 'removed') return answerJson(visit, call, { id, type: 'message_batch_deleted' });
    const open = refused(`batch ${id} has not ended: cancel it before you delete it`);
    return answerProblem(visit, call, removed === 'open' ? open : notFound(id));
  }
  if (asked === 'POST cancel') {
    const canceled = await deps.desk.cancel(id, scope);
    return canceled === null ? answerProblem(visit, call, notFound(id)) : answerJson(visit, call, describe(canceled));
  }
  if (asked !== 'GET results') return answerProblem(visit, call, { ...notFound(id), message: 'Not found' });
  const results = await deps.desk.results(id, scope);
  if (results === null) {
    const why =
      view.archivedAtMs === null ? 'has not ended: it has no results yet' : 'is archived: its results are gone';
    return answerProblem(visit, call, refused(`batch ${id} ${why}`));
  }
  visit.head(200, ['content-type', 'application/x-jsonl', ...ownHeaders(call)]);
  const stream = new ResultsStream(visit);
  visit.attach(stream);
  await stream.send(results);
}
