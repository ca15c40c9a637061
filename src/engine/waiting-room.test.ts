import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import type { Call, Priority } from '../core/call.ts';
import { waiterBytesMax, waitersMax } from '../core/limits.ts';
import { type Guest, WaitingRoom } from './waiting-room.ts';

class Visitor implements Guest {
  readonly call: Call;
  readonly #room: WaitingRoom;
  settled = false;

  constructor(room: WaitingRoom, priority: Priority, bytes = 0) {
    this.call = call({ priority, body: new Uint8Array(bytes) });
    this.#room = room;
  }

  shed(): void {
    this.leave();
  }

  leave(): void {
    this.settled = true;
    this.#room.leave(this);
  }
}

/** @returns the visitor, or null when it was turned away */
function enter(room: WaitingRoom, priority: Priority, bytes = 0): Visitor | null {
  const visitor = new Visitor(room, priority, bytes);
  return room.enter(visitor) ? visitor : null;
}

test('a full room turns equals away, and lets the cheapest that came last go for a dearer one', () => {
  const room = new WaitingRoom();
  const guests = Array.from({ length: waitersMax - 2 }, () => enter(room, 'default'));
  const sheddable = enter(room, 'sheddable');
  const batch = [enter(room, 'batch')];
  assert.equal(room.count, waitersMax);
  assert.equal(enter(room, 'batch'), null);
  assert.notEqual(enter(room, 'default'), null);
  assert.deepEqual([batch[0]?.settled, sheddable?.settled], [true, false]);
  assert.notEqual(enter(room, 'critical'), null);
  assert.equal(sheddable?.settled, true);
  assert.equal(enter(room, 'default'), null);
  const dear = enter(room, 'critical');
  assert.notEqual(dear, null);
  assert.equal(room.count, waitersMax);
  // The last that came among equals.
  assert.equal(guests.filter((guest) => guest?.settled).length, 0);
  assert.notEqual(enter(room, 'critical'), null);
  assert.deepEqual([guests.at(-1)?.settled, guests[0]?.settled], [true, false]);
});

test('bodies are bounded too, and who leaves makes room', () => {
  const room = new WaitingRoom();
  const quarter = waiterBytesMax / 4;
  const guests = Array.from({ length: 4 }, () => enter(room, 'default', quarter));
  assert.equal(enter(room, 'default', 1), null);
  assert.notEqual(enter(room, 'default', 0), null);
  guests[0]?.leave();
  assert.notEqual(enter(room, 'default', quarter), null);
});

test('nobody is shed for a call that finds no place all the same', () => {
  const room = new WaitingRoom();
  enter(room, 'default', waiterBytesMax - 100);
  const cheap = [enter(room, 'sheddable', 50), enter(room, 'batch', 50)];
  assert.equal(enter(room, 'default', 101), null);
  assert.deepEqual(
    cheap.map((guest) => guest?.settled),
    [false, false],
  );
  assert.notEqual(enter(room, 'default', 100), null);
  assert.deepEqual(
    cheap.map((guest) => guest?.settled),
    [true, true],
  );
});

test('those who left long ago are forgotten', () => {
  const room = new WaitingRoom();
  const stays = enter(room, 'default');
  for (let i = 0; i < 10_000; i++) enter(room, 'default')?.leave();
  assert.equal(room.count, 1);
  stays?.leave();
  assert.equal(room.count, 0);
});
