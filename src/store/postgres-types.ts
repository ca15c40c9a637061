import { types } from 'pg';

/** Object ids of the types that do not come as text. @see pg_type.dat */
const oids = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, float4: 700, float8: 701, numeric: 1700 };

const bytesOf = types.getTypeParser(oids.bytea) as (text: string) => Buffer;

const parsers = new Map<number, (text: string) => number | Uint8Array>([
  [oids.bool, (text) => (text === 't' ? 1 : 0)],
  [oids.bytea, (text) => asBytes(bytesOf(text))],
]);
for (const oid of [oids.int8, oids.int2, oids.int4, oids.float4, oids.float8, oids.numeric]) parsers.set(oid, Number);

/** A plain array, as SQLite gives it: a Buffer prints, compares and slices differently. */
function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** How columns are read: numbers whatever their width (`count` and `sum` too), bytes, else text. */
export const columnTypes = { getTypeParser: (oid: number) => parsers.get(oid) ?? ((text: string) => text) };
