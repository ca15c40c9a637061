import { engineFactory } from '../src/cli/engine.ts';
import { keepCallsYoung } from '../src/cli/garbage.ts';
import { loadConfig } from '../src/config/load.ts';
import { systemClock } from '../src/core/clock.ts';
import { startGateway } from '../src/gateway/server.ts';
import { openLedger } from '../src/ledger/ledger.ts';
import { openStore } from '../src/store/open.ts';

// The gateway by itself, in a process made ready as `serve` does it, but without what stands beside it:
// what the path of bytes costs. With a data folder it keeps a ledger there, and nothing else: what the
// ledger costs.
//
//     node bench/gateway.ts http://127.0.0.1:PORT [DATA]

keepCallsYoung();
const [url = '', data] = process.argv.slice(2);
const config = loadConfig({ path: null, upstream: url, env: process.env });
const observers = data === undefined ? [] : await recording(data);
const gateway = await startGateway({ port: 0, config, createEngine: engineFactory(), observers });
console.log(`ridethrough on ${gateway.url}`);

async function recording(folder: string) {
  const clock = systemClock;
  const store = await openStore({ data: folder, database: null, clock });
  return openLedger({ store, clock, retention: config.ledger, alarm: console.error }).observers;
}
