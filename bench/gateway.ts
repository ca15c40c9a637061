import { engineFactory } from '../src/cli/engine.ts';
import { loadConfig } from '../src/config/load.ts';
import { startGateway } from '../src/gateway/server.ts';

// The gateway by itself, without the ledger that `serve` writes: what the path of bytes costs.
//
//     node bench/gateway.ts http://127.0.0.1:PORT

const config = loadConfig({ path: null, upstream: process.argv[2] ?? '', env: process.env });
const gateway = await startGateway({ port: 0, config, createEngine: engineFactory() });
console.log(`ridethrough on ${gateway.url}`);
