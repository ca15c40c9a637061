import { parseArgs } from 'node:util';
import { measureAll, type TargetName } from './measure.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { hasNginx, pinOurselves } from './proxies.ts';
import { describeMachine, ratiosOf, renderReport } from './report.ts';
import { startUpstream } from './upstream.ts';

/**
 * What the gateway costs: beside nginx as a reverse proxy and beside the least a proxy in Node can
 * do, each alone on one core, in the same run, with the same answers. Load and upstream share the
 * other core; the row "no proxy" shows how much they can do.
 *
 *     npm run bench [-- --quick] [-- --json]
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
const quick = values.quick ?? false;
const others: TargetName[] = hasNginx ? ['direct', 'nginx', 'plain', 'bare'] : ['direct', 'bare'];
const targets: TargetName[] = [...others, 'ours', 'recorded'];

const plan = quick ? quickPlan : fullPlan;

pinOurselves();
const watchdog = setTimeout(() => {
  console.error(`The benchmark did not end within ${plan.minutesMax} minutes: the step named last hangs.`);
  process.exit(1);
}, plan.minutesMax * 60_000);
const upstream = await startUpstream();
try {
  const figures = await measureAll(targets, upstream, plan, (line) => console.error(line));
  const [ratios, machine] = [ratiosOf(figures), describeMachine(quick)];
  if (values.json) console.log(JSON.stringify({ machine, figures: Object.fromEntries(figures), ratios }, null, 2));
  else console.log(renderReport(figures, ratios, machine));
} finally {
  clearTimeout(watchdog);
  upstream.close();
}
