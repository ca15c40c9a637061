import { z } from 'zod';
import { fileSchema } from './schema.ts';

/**
 * The published JSON Schema (draft 2020-12) of the configuration file, with descriptions and
 * defaults, for editors and for `config schema`.
 */
export function configJsonSchema(): Record<string, unknown> {
  return { title: 'ridethrough.yaml', ...z.toJSONSchema(fileSchema, { io: 'input' }) };
}
