/** How long each part of the benchmark takes. */
export interface Plan {
  /** Rounds in which every target has its turn. */
  readonly rounds: number;
  readonly saturationMs: number;
  readonly latencyMs: number;
  readonly latencyRatePerSecond: number;
  readonly floodEvents: number;
  readonly pacedStreams: number;
  readonly pacedMs: number;
  /** The benchmark gives up after so many minutes. */
  readonly minutesMax: number;
}

/** About five minutes. */
export const fullPlan: Plan = {
  rounds: 5,
  saturationMs: 3_000,
  latencyMs: 4_000,
  latencyRatePerSecond: 500,
  floodEvents: 2_000,
  pacedStreams: 1_000,
  pacedMs: 20_000,
  minutesMax: 20,
};

/** About a minute; its figures are for a first look only. */
export const quickPlan: Plan = {
  rounds: 2,
  saturationMs: 1_000,
  latencyMs: 1_500,
  latencyRatePerSecond: 500,
  floodEvents: 500,
  pacedStreams: 200,
  pacedMs: 4_000,
  minutesMax: 5,
};
