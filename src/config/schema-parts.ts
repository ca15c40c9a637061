import { z } from 'zod';

/** The name of an environment variable: where secrets are. */
export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');
