export type {
  AttemptEvent,
  AttemptReason,
  BreakerEvent,
  CallEvent,
  Observer,
} from './core/events.ts';
export type { FailureClass } from './core/outcome.ts';
export type { RidethroughOptions, UpstreamOptions } from './sdk/options.ts';
export { type Ridethrough, ridethrough } from './sdk/ridethrough.ts';
