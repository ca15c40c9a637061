import { LruMap } from '../core/lru.ts';
import { incidentsRememberedMax, wordHoldsMs } from './limits.ts';
import type { StatusPage } from './parse.ts';
import {
  apiComponent,
  isOver,
  type StatusChange,
  type StatusComponent,
  type StatusIncident,
  type StatusState,
  unread,
} from './state.ts';

interface Entry {
  incident: StatusIncident;
  /** When the page, or a webhook, last told of it. */
  toldAtMs: number;
  /** It vanished from the page, which is how incidents end there; nobody has said that it is over. */
  vanished: boolean;
}

interface Heard {
  readonly component: StatusComponent;
  readonly toldAtMs: number;
}

/**
 * Puts the words of page and webhooks together into one state. The newest word about an incident
 * holds, whichever way it came, and a word that is known already changes nothing: so deliveries may
 * come twice and in any order, and a page from a cache does not undo what a webhook has told.
 */
export class StatusBook {
  readonly #entries = new LruMap<string, Entry>(incidentsRememberedMax);
  /** Components by webhook: they hold against the page for a while. */
  readonly #heard = new Map<string, Heard>();
  #state: StatusState = unread;

  get state(): StatusState {
    return this.#state;
  }

  /** Takes a look at the page over. @returns what is new */
  read(source: string, page: StatusPage, nowMs: number): StatusChange[] {
    const changes = page.incidents.flatMap((incident) => this.#take(incident, nowMs));
    const listed = new Set(page.incidents.map(({ id }) => id));
    for (const entry of this.#entries.values()) {
      const { incident, toldAtMs } = entry;
      if (listed.has(incident.id) || isOver(incident) || nowMs - toldAtMs < wordHoldsMs) continue;
      entry.incident = { ...incident, status: incident.kind === 'incident' ? 'resolved' : 'completed' };
      entry.vanished = true;
      changes.push({ kind: 'resolved', incident: entry.incident });
    }
    const components = page.components.map((component) => this.#held(component, nowMs));
    changes.push(...this.#moved(components));
    this.#state = { ...this.#state, source, readAtMs: nowMs, problem: null, indicator: page.indicator, components };
    this.#list();
    return changes;
  }

  /** A look brought nothing: what was known stays. */
  missed(problem: string): void {
    this.#state = { ...this.#state, problem };
  }

  /** Takes the word of a webhook about an incident or a maintenance. @returns what is new */
  hearIncident(incident: StatusIncident, nowMs: number): StatusChange[] {
    const changes = this.#take(incident, nowMs);
    this.#list();
    return changes;
  }

  /** Takes the word of a webhook about a component. @returns what is new */
  hearComponent(component: StatusComponent, nowMs: number): StatusChange[] {
    const known = this.#state.components;
    // The page lists what there is; a component that it does not have is none of ours.
    if (!known.some(({ id }) => id === component.id)) return [];
    this.#heard.set(component.id, { component, toldAtMs: nowMs });
    const components = known.map((each) => (each.id === component.id ? component : each));
    const changes = this.#moved(components);
    this.#state = { ...this.#state, components };
    return changes;
  }

  #take(incident: StatusIncident, nowMs: number): StatusChange[] {
    const known = this.#entries.get(incident.id);
    if (known === undefined) {
      this.#entries.getOrCreate(incident.id, () => ({ incident, toldAtMs: nowMs, vanished: false }));
      return isOver(incident) ? [] : [{ kind: 'opened', incident }];
    }
    const { incident: before, vanished } = known;
    const wasOver = isOver(before);
    const isNewer = incident.updatedAtMs > before.updatedAtMs;
    // An end that was told is not undone by a page that does not know of it yet; a vanishing is.
    if (!isNewer && (incident.updatedAtMs < before.updatedAtMs || (wasOver && !vanished))) return [];
    Object.assign(known, { incident, toldAtMs: nowMs, vanished: false });
    if (isOver(incident)) return wasOver ? [] : [{ kind: 'resolved', incident }];
    if (wasOver) return [{ kind: 'opened', incident }];
    return isNewer || incident.status !== before.status ? [{ kind: 'updated', incident }] : [];
  }

  #held(component: StatusComponent, nowMs: number): StatusComponent {
    const heard = this.#heard.get(component.id);
    if (heard === undefined) return component;
    if (nowMs - heard.toldAtMs < wordHoldsMs) return heard.component;
    this.#heard.delete(component.id);
    return component;
  }

  /** What stands differently now; a component that was not known before counts as having been well. */
  #moved(components: readonly StatusComponent[]): StatusChange[] {
    const before = new Map(this.#state.components.map(({ id, status }) => [id, status]));
    return components.flatMap((component) => {
      const from = before.get(component.id) ?? 'operational';
      return component.status === from ? [] : [{ kind: 'component' as const, component, from }];
    });
  }

  #list(): void {
    const open = [...this.#entries.values()].map(({ incident }) => incident).filter((each) => !isOver(each));
    const incidents = open.filter(({ kind }) => kind === 'incident').sort((a, b) => b.createdAtMs - a.createdAtMs);
    const at = ({ scheduledForMs, createdAtMs }: StatusIncident) => scheduledForMs ?? createdAtMs;
    const maintenances = open.filter(({ kind }) => kind === 'maintenance').sort((a, b) => at(a) - at(b));
    this.#state = { ...this.#state, incidents, maintenances };
  }
}

/** The worst of the page for those who call the API, in a few words: `major outage`, `operational`; null while it is unread. */
export function apiStatus(state: StatusState): string | null {
  if (state.readAtMs === null) return null;
  return (apiComponent(state)?.status ?? state.indicator).replaceAll('_', ' ');
}
