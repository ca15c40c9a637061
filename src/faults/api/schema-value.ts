import type { Random } from '../../core/random.ts';
import { isObject, type Json, type JsonObject } from './message.ts';
import { prose } from './prose.ts';

/** Schemas may hold themselves: below this depth no reference is followed and nothing optional is made. */
const depthMax = 4;
/** A schema may ask for more than is sensible; so much of it is made at most. */
const itemsMax = 100;
const charactersMax = 10_000;

/** A value that a JSON Schema admits, by a simple reading: types, enum, const, properties, items, bounds, local refs. */
export function schemaValue(schema: Json | undefined, random: Random): Json {
  return make(schema, random, isObject(schema) ? schema : {}, 0);
}

function make(schema: Json | undefined, random: Random, root: JsonObject, depth: number): Json {
  if (!isObject(schema)) return 'value';
  if (typeof schema.$ref === 'string' && depth < depthMax) {
    return make(resolve(root, schema.$ref), random, root, depth + 1);
  }
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[Math.floor(random.next() * schema.enum.length)] ?? null;
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return make(choices[0], random, root, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return text(schema, random);
    case 'integer':
    case 'number':
      return number(schema, random, type === 'integer');
    case 'boolean':
      return random.next() < 0.5;
    case 'null':
      return null;
    case 'array': {
      const count = Math.min(Math.max(Number(schema.minItems ?? 0), depth < depthMax ? 2 : 0), itemsMax);
      return Array.from({ length: count }, () => make(schema.items, random, root, depth + 1));
    }
    default:
      return object(schema, random, root, depth);
  }
}

function object(schema: JsonObject, random: Random, root: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const names = Object.keys(properties).filter((name) => depth < depthMax || required.includes(name));
  return Object.fromEntries(names.map((name) => [name, make(properties[name], random, root, depth + 1)]));
}

function text(schema: JsonObject, random: Random): string {
  const made = prose(random, 3).join('').trim();
  const cut = typeof schema.maxLength === 'number' ? made.slice(0, schema.maxLength) : made;
  return typeof schema.minLength === 'number' ? cut.padEnd(Math.min(schema.minLength, charactersMax), 'x') : cut;
}

function number(schema: JsonObject, random: Random, whole: boolean): number {
  const least = Number(schema.minimum ?? 0);
  const most = Number(schema.maximum ?? least + 1000);
  const value = least + random.next() * (most - least);
  return whole ? Math.ceil(Math.min(Math.floor(value), most)) : Math.round(value * 100) / 100;
}

function resolve(root: JsonObject, ref: string): Json | undefined {
  let value: Json | undefined = root;
  for (const name of ref.replace(/^#\/?/, '').split('/')) {
    if (name !== '') value = isObject(value) ? value[name] : undefined;
  }
  return value;
}
