/** What a gateway did for calls that came back whole, and for how many of them. */
export type Recovered = ReadonlyMap<string, number>;

/** Reads it from the metrics of the gateway at `url`. Headers cannot tell: they are out before a stream breaks. */
export async function readRecovered(url: string): Promise<Recovered> {
  const response = await fetch(`${url}/ridethrough/metrics`);
  const lines = (await response.text()).matchAll(/^ridethrough_recovered_total\{kind="(\w+)"\} (\d+)$/gm);
  return new Map([...lines].map(([, kind, count]) => [String(kind), Number(count)]));
}

/** What was added since, the most frequent first. */
export function addedSince(before: Recovered, now: Recovered): Array<readonly [how: string, count: number]> {
  const added = [...now].map(([how, count]) => [how, count - (before.get(how) ?? 0)] as const);
  return added.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
}
