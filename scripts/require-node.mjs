// Runs on the machine's own Node, however old, so no newer syntax here.
const [major, minor] = process.versions.node.split('.').map(Number);
const isNewEnough = major > 22 || (major === 22 && minor >= 19);

if (!isNewEnough) {
  console.error(
    `Ridethrough needs Node 22.19 or newer and this is Node ${process.versions.node}: the pinned Node of the ` +
      'development dependencies is not there (npm ci was not run, or with --ignore-scripts, or without development ' +
      'dependencies), so run plain `npm ci`, or install a newer Node.',
  );
  process.exit(1);
}
