/** How bad things are, in the page's own words; `unknown` for a word that is not known. */
export type Indicator = 'none' | 'maintenance' | 'minor' | 'major' | 'critical' | 'unknown';

/** One line of the page: `Claude API (api.anthropic.com)`. */
export interface StatusComponent {
  readonly id: string;
  readonly name: string;
  /** `operational`, `degraded_performance`, `partial_outage`, `major_outage`, `under_maintenance`, or a word to come. */
  readonly status: string;
}

/** An incident, or a maintenance that was announced. Instants are milliseconds since the Unix epoch. */
export interface StatusIncident {
  readonly id: string;
  readonly kind: 'incident' | 'maintenance';
  readonly name: string;
  /** `investigating`, `identified`, `monitoring`, `resolved`, `postmortem`; of a maintenance `scheduled`, `in_progress`, `verifying`, `completed`. */
  readonly status: string;
  readonly impact: Indicator;
  readonly createdAtMs: number;
  /** Of its newest word. */
  readonly updatedAtMs: number;
  /** A maintenance's; null for an incident. */
  readonly scheduledForMs: number | null;
  readonly scheduledUntilMs: number | null;
  /** What its names and texts name: `opus`, `opus-4-5`; empty where they name no model. */
  readonly models: readonly string[];
  /** Names of the components that it touches; empty where it does not say. */
  readonly components: readonly string[];
  /** Its newest text, shortened; empty where there is none. */
  readonly text: string;
  /** Its page for people; null where there is none. */
  readonly link: string | null;
}

/** What the provider's status page says. Evidence, never a gate: the page lags, and may be wrong. */
export interface StatusState {
  /** The address that answered last; null: none has so far. */
  readonly source: string | null;
  /** When an address last answered with a page that could be read; null: never. */
  readonly readAtMs: number | null;
  /** Why the newest look brought nothing, in one sentence; null: it brought the page. */
  readonly problem: string | null;
  readonly indicator: Indicator;
  readonly components: readonly StatusComponent[];
  /** Incidents that are not over, newest first. */
  readonly incidents: readonly StatusIncident[];
  /** Maintenances that are announced or under way, soonest first. */
  readonly maintenances: readonly StatusIncident[];
}

/** Before the first look. */
export const unread: StatusState = {
  source: null,
  readAtMs: null,
  problem: null,
  indicator: 'unknown',
  components: [],
  incidents: [],
  maintenances: [],
};

/** What is new on the page. */
export type StatusChange =
  | { readonly kind: 'opened' | 'updated' | 'resolved'; readonly incident: StatusIncident }
  | { readonly kind: 'component'; readonly component: StatusComponent; readonly from: string };

/** Words that end an incident or a maintenance. */
const over: ReadonlySet<string> = new Set(['resolved', 'postmortem', 'completed']);

/** True for one that has ended. */
export function isOver(incident: StatusIncident): boolean {
  return over.has(incident.status);
}

/** The component that calls depend on, by its id or its name: `Claude API`; undefined where the page has none. */
export function apiComponent(state: StatusState): StatusComponent | undefined {
  return state.components.find(({ id, name }) => id === apiComponentId || /\bAPI\b/.test(name));
}

/** As of September 2026. The name is looked at as well, since pages are rebuilt. */
const apiComponentId = 'k8w3r06qmzrp';

/** Whether an incident touches the API, or says of nothing what it touches. */
export function touchesApi({ components }: StatusIncident): boolean {
  return components.length === 0 || components.some((name) => /\bAPI\b/.test(name));
}

/**
 * Whether an incident concerns calls to a model: it touches the API, and names the model, its
 * family, or no model at all.
 * @param model an id, such as `claude-opus-4-5-20251101`
 */
export function concerns(incident: StatusIncident, model: string): boolean {
  const { models } = incident;
  return touchesApi(incident) && (models.length === 0 || models.some((name) => `${model}-`.includes(`-${name}-`)));
}
