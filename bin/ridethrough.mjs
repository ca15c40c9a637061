#!/usr/bin/env node
import { existsSync } from 'node:fs';

// Runs on whatever Node the user has, so that an old one gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
const program = new URL('../dist/cli/main.js', import.meta.url);

if (!(major > 22 || (major === 22 && minor >= 19))) {
  console.error(
    `Ridethrough needs Node 22.19 or newer and this is Node ${process.versions.node}: install a newer one.`,
  );
  process.exitCode = 1;
} else if (!existsSync(program)) {
  console.error(
    'ridethrough: this checkout has not been built: run `npm run build`, or write `npm run -s cli --` for `npx ridethrough`.',
  );
  process.exitCode = 1;
} else {
  await import(program.href);
}
