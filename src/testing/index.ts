/** For tests of code that runs on the engine: time that stands still, chance that replays, an upstream in memory. */
export type { Clock, Timer } from '../core/clock.ts';
export { type Random, seededRandom } from '../core/random.ts';
export { type CollectedEvent, CollectReply } from './collect-reply.ts';
export {
  type MemoryTransport,
  type MemoryTransportOptions,
  type MemoryUpstream,
  memoryTransport,
  type Respond,
} from './memory-transport.ts';
export { VirtualClock } from './virtual-clock.ts';
