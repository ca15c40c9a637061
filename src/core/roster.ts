/** Who stands on a roster. A new one has the place -1, and only the roster changes it. */
export interface Enrolled {
  place: number;
}

/**
 * Those that are present at this moment, in no order: calls, uploads. A `Set` would do the same, but one
 * that members come to and leave by the thousand makes a new table every few dozen of them, each kept
 * alive by the one before; what they held then outlives many collections of garbage, a third of a call's cost.
 */
export class Roster<T extends Enrolled> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** @param member of no roster yet */
  add(member: T): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** Also for one that has left already. */
  delete(member: T): void {
    if (member.place === -1) return;
    const last = this.#members.pop() as T;
    if (last !== member) {
      this.#members[member.place] = last;
      last.place = member.place;
    }
    member.place = -1;
  }

  /** Those present now; who leaves meanwhile does not change it. */
  all(): T[] {
    return [...this.#members];
  }
}
