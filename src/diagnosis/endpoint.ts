import { jsonAnswer, type OwnEndpoint } from '../core/endpoint.ts';
import type { Verdict } from './verdict.ts';

/** What `GET /ridethrough/diagnosis` answers. */
export interface Diagnosis {
  readonly atMs: number;
  readonly verdict: Verdict;
}

/** Whose fault it is, as the gateway sees it now; for administrators. */
export function diagnosisEndpoint(diagnose: () => Promise<Diagnosis>): OwnEndpoint {
  const answer = async () => jsonAnswer(await diagnose());
  return { method: 'GET', path: '/ridethrough/diagnosis', admin: true, answer };
}
