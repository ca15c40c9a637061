import { RidethroughError } from '../core/errors.ts';
import { editDistance, nearest } from './nearest.ts';

/** More edits than these are another word, such as the vendor in the name of a model. */
const slipEditsMax = 2;

/**
 * Refuses targets that cannot be meant: a misspelt upstream would be sent upstream as part of a model's name, and
 * a model that falls back to itself gains nothing.
 * @param primary the name of the default upstream
 * @param upstreams all names of upstreams
 * @throws RidethroughError `invalid_config`
 */
export function checkFallback(
  fallback: Readonly<Record<string, readonly string[]>>,
  primary: string,
  upstreams: readonly string[],
): void {
  for (const [model, targets] of Object.entries(fallback)) {
    for (const [index, target] of targets.entries()) {
      const path = `"fallback.${model}.${index}"`;
      if (target === model || target === `${primary}/${model}`) {
        throw new RidethroughError('invalid_config', `${path} is the model itself: name another, or remove it.`);
      }
      const meant = misspelt(target, upstreams);
      if (meant === null) continue;
      throw new RidethroughError(
        'invalid_config',
        `${path} begins with the name of no upstream: did you mean "${meant}/…"?`,
      );
    }
  }
}

/** The upstream that the first segment of `target` is a slip of; null where it is one, or is like none. */
function misspelt(target: string, upstreams: readonly string[]): string | null {
  const slash = target.indexOf('/');
  const first = slash === -1 ? '' : target.slice(0, slash);
  if (first === '' || upstreams.includes(first)) return null;
  const guess = nearest(first, upstreams);
  return guess !== null && editDistance(first.toLowerCase(), guess.toLowerCase()) <= slipEditsMax ? guess : null;
}
