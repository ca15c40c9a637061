import { answerJson, answerProblem, notFound, relay } from './answers.ts';
import { mergedList, pageQueryOf } from './merged-list.ts';
import { forCaller, passRelative } from './relative.ts';
import type { Visit } from './visit.ts';

/** Shows the one list of the queue's batches and the upstream's. */
export async function showList(visit: Visit): Promise<void> {
  const { call, deps } = visit;
  const [, search = ''] = call.path.split('?', 2);
  const query = pageQueryOf(new URLSearchParams(search));
  if (query === null) return passRelative(visit);
  const { scope } = deps.identify(call.caller);
  const list = await mergedList(query, {
    desk: deps.desk,
    scope,
    hidden: await deps.hidden(),
    get: (tail) => visit.get(query.rest.size === 0 ? tail : `${tail}&${query.rest}`),
  });
  if (!('instead' in list)) {
    return answerJson(visit, call, { ...list, data: list.data.map((batch) => forCaller(visit, batch)) });
  }
  const { instead } = list;
  if (instead === 'missing') answerProblem(visit, call, notFound(query.afterId ?? query.beforeId ?? ''));
  else if (instead === null) visit.destroy(new Error('the upstream broke off in the middle of the answer'));
  else relay(visit, instead);
}
