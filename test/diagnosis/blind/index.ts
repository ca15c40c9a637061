import { type Random, seededRandom } from '../../../src/core/random.ts';
import { accountKinds } from './account.ts';
import { whole } from './chance.ts';
import { type Kind, scenarioOf } from './draft.ts';
import { gatewayKinds } from './gateway.ts';
import { modelKinds } from './model.ts';
import { networkKinds } from './network.ts';
import { providerKinds } from './provider.ts';
import { quietKinds } from './quiet.ts';
import { requestKinds } from './request.ts';
import type { Scenario } from './scenario.ts';

const kinds: readonly Kind[] = [
  ...[accountKinds, requestKinds, networkKinds, modelKinds, providerKinds, gatewayKinds, quietKinds].flat(),
];

/** The names of all kinds. */
export const kindNames: readonly string[] = kinds.map(({ name }) => name);

/** Scenarios of one seed. */
const count = 60;

/**
 * Situations in which somebody asks whose fault it is: every kind once, and others again with other dice.
 * The same seed gives the same scenarios.
 * @param first how many of them are wanted
 */
export function generate(seed: number, first = count): Scenario[] {
  const random = seededRandom(seed);
  const drawn = [...kinds, ...Array.from({ length: count - kinds.length }, () => again(random))];
  return drawn.slice(0, first).map((kind) => {
    const own = whole(random, 0, 2 ** 31);
    return scenarioOf(kind, own, seededRandom(own));
  });
}

function again(random: Random): Kind {
  return kinds[whole(random, 0, kinds.length - 1)] as Kind;
}
