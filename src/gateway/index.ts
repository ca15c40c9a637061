/** The HTTP door: what `ridethrough serve` runs, for programs that want to run it themselves. */
export { type Gateway, type GatewayOptions, startGateway } from './server.ts';
