export { expectedAnswer } from './api/answer.ts';
export type { Answer, ApiRequest } from './api/answering.ts';
export type { BatchTimes } from './api/batches.ts';
export type { ContentBlock, Message, MessagesRequest, Usage } from './api/message.ts';
export type { RateLimits } from './api/rate-limit.ts';
export type { Answers, Manner, Said, Script, ToldAnswer } from './api/script.ts';
export { manners, soundManners } from './api/script.ts';
export type { Attempt, AttemptEnd } from './attempts.ts';
export { corpus, notPlayable } from './corpus.ts';
export type { CorpusCase } from './corpus-case.ts';
export { defaultWaits, type Exchange, type Fault, type FaultPhase, type Waits } from './fault.ts';
export { loadScenario, parseScenario } from './load-scenario.ts';
export { allFaults, faults, findFault } from './registry.ts';
export {
  type AttemptFacts,
  calm,
  decide,
  type Latency,
  type Outage,
  type Scenario,
  scenarios,
} from './scenario.ts';
export type { Simulator, SimulatorOptions } from './simulator.ts';
export { startSimulator } from './start-simulator.ts';
export { parseStatusMode, type StatusKind, type StatusMode, statusKinds } from './status-page/mode.ts';
