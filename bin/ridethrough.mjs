#!/usr/bin/env node
// Runs on whatever Node the user has, so that an old one gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  await import('../dist/cli/main.js');
} else {
  console.error(
    `Ridethrough needs Node 22.19 or newer and this is Node ${process.versions.node}: install a newer one.`,
  );
  process.exitCode = 1;
}
