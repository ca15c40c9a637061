import { createHash, timingSafeEqual } from 'node:crypto';
import { parseComponent, parseIncident } from './parse.ts';
import type { StatusComponent, StatusIncident } from './state.ts';

/** What a delivery of the page's webhook tells: of an incident, a maintenance, or a component. */
export interface Word {
  readonly incident: StatusIncident | null;
  readonly component: StatusComponent | null;
}

/** Reads a delivery, parsed; null for what is none, or tells of nothing that can be read. */
export function readDelivery(delivery: unknown): Word | null {
  if (typeof delivery !== 'object' || delivery === null) return null;
  const members = new Map(Object.entries(delivery));
  const given = members.get('incident');
  // Both kinds come as `incident`; only a maintenance has a time that it is scheduled for.
  const scheduled = typeof given === 'object' && given !== null && 'scheduled_for' in given && given.scheduled_for;
  const incident = parseIncident(given, scheduled ? 'maintenance' : 'incident');
  const component = parseComponent(members.get('component'));
  return incident === null && component === null ? null : { incident, component };
}

/** Whether what stands in the path is the secret. Takes as long for a wrong one as for the right one. */
export function isSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
