import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { systemClock } from '../../core/clock.ts';
import type { Diagnosis } from '../../diagnosis/endpoint.ts';
import { explain } from '../../diagnosis/explanation.ts';
import { judge } from '../../diagnosis/judge.ts';
import type { Canary } from '../../diagnosis/verdict.ts';
import { HealthModel } from '../../health/model.ts';
import type { HealthSnapshot } from '../../health/state.ts';
import { showCall } from '../../ledger/query.ts';
import type { CallStory } from '../../ledger/record.ts';
import { defaultDataFolder } from '../../store/data-folder.ts';
import { databaseFile } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import { keySetting } from '../environment.ts';
import { type Place, withLedgerStore } from '../ledger/open-ledger-store.ts';
import { lookAt } from './canary.ts';
import { play, replay } from './replay.ts';

export interface DiagnosisPlace extends Place {
  /** `--config`; null: the user's. */
  readonly configPath: string | null;
  /** Look at the upstreams by having a model write a token. */
  readonly paid: boolean;
}

/** What was around a call that may say whose fault it was: from so long before its end, to so long after. */
const beforeMs = 600_000;
const afterMs = 60_000;

/** Judges by what is recorded of a time, and by a look at every upstream. */
export async function diagnoseFromLedger(place: DiagnosisPlace, sinceMs: number, nowMs: number): Promise<Diagnosis> {
  const isNew = place.database === undefined && place.data === undefined && !hasLedger();
  const model = isNew ? new HealthModel() : await withLedgerStore(place, (store) => replay(store, sinceMs, nowMs));
  const health = model.snapshot(nowMs);
  const canaries = await looks(place, health);
  return { atMs: nowMs, verdict: judge({ health, page: null, canaries }) };
}

/** Judges one call by its own time. @returns null where the ledger does not know it */
export async function diagnoseCall(place: Place, id: string): Promise<Diagnosis | null> {
  return await withLedgerStore(place, async (store) => {
    const story = await showCall(store, id);
    const endMs = story === null ? null : endOf(story);
    if (story === null || endMs === null) return null;
    const model = await surroundings(store, story, endMs);
    const verdict = judge({ health: ofCall(model.snapshot(endMs + 1), story), page: null, canaries: [] });
    const own = { from: 'attempts' as const, text: explain(story).summary };
    return { atMs: endMs, verdict: { ...verdict, evidence: [own, ...verdict.evidence] } };
  });
}

function hasLedger(): boolean {
  return existsSync(join(defaultDataFolder(process.env), databaseFile));
}

function endOf({ call, attempts }: CallStory): number | null {
  const last = call ?? attempts.at(-1);
  return last === undefined ? null : Date.parse(last.at) + last.total_ms;
}

/**
 * What is to be known of a call's time. Of one that was refused in itself that is the call alone: the API was
 * there to read it, so what others met explains nothing.
 */
async function surroundings(store: Store, { call, attempts }: CallStory, endMs: number): Promise<HealthModel> {
  const isRefused = call?.error_class === 'request' && call.status !== 407;
  return isRefused ? play([{ call, attempts }]) : await replay(store, endMs - beforeMs, endMs + afterMs);
}

/** What other callers and keys met is none of this call's, and neither is a model that others named in vain. */
function ofCall(health: HealthSnapshot, { call, attempts }: CallStory): HealthSnapshot {
  const keys = new Set(attempts.map(({ credential }) => credential));
  const models = new Set([call?.model, ...attempts.map(({ model }) => model)]);
  return {
    ...health,
    routes: health.routes.filter(({ model, lastFailure }) => models.has(model) || lastFailure?.class !== 'model'),
    callers: health.callers.filter(({ caller }) => caller === call?.caller),
    credentials: health.credentials.filter(({ credential }) => keys.has(credential)),
  };
}

async function looks({ configPath, paid }: DiagnosisPlace, health: HealthSnapshot): Promise<Canary[]> {
  const config = loadConfig({ path: configPath, upstream: null, env: process.env });
  const key = keySetting(process.env);
  return await Promise.all(
    [...config.upstreams.values()].map((upstream) => {
      const asked = health.routes.find((route) => route.upstream === upstream.name);
      const look = paid
        ? ({ kind: 'paid', model: asked?.model ?? 'claude-haiku-5-5' } as const)
        : ({ kind: 'free' } as const);
      return lookAt(upstream, config, key, look, systemClock);
    }),
  );
}
