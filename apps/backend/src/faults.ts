import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvReader } from './env.js';

/** Faults switched on from outside, to see that the delivery notices them. All off by default. */
export interface Faults {
  readonly errorRate: number;
  readonly latencyMs: number;
  readonly neverReady: boolean;
  readonly crashAfterSeconds: number | null;
  readonly startDelaySeconds: number;
}

export const NO_FAULTS: Faults = {
  errorRate: 0,
  latencyMs: 0,
  neverReady: false,
  crashAfterSeconds: null,
  startDelaySeconds: 0,
};

const ONE_DAY_SECONDS = 86_400;

export function readFaults(env: EnvReader): Faults {
  const crashAfterSeconds = env.number('FAULT_CRASH_AFTER_SECONDS', -1, 0, ONE_DAY_SECONDS);
  return {
    errorRate: env.number('FAULT_ERROR_RATE', 0, 0, 1),
    latencyMs: env.number('FAULT_LATENCY_MS', 0, 0, 600_000),
    neverReady: env.flag('FAULT_NEVER_READY'),
    crashAfterSeconds: crashAfterSeconds < 0 ? null : crashAfterSeconds,
    startDelaySeconds: env.number('FAULT_START_DELAY_SECONDS', 0, 0, ONE_DAY_SECONDS),
  };
}

export function activeFaults(faults: Faults): Partial<Faults> {
  return Object.fromEntries(
    Object.entries(faults).filter(([name, value]) => value !== NO_FAULTS[name as keyof Faults]),
  );
}

/** Waits the injected latency, then says whether this request is to be answered 500. */
export async function injectFault(faults: Faults, random: () => number = Math.random): Promise<boolean> {
  if (faults.latencyMs > 0) await sleep(faults.latencyMs);
  return random() < faults.errorRate;
}

export const INJECTED_FAULT = {
  error: 'injected_fault',
  message: 'this answer was injected by FAULT_ERROR_RATE',
} as const;
