// What the module passes to k6, by environment variables. Read before anything is sent: a wrong one ends k6 with status 107.
import type { Options, Scenario, Threshold } from 'k6/options';

type Variables = Readonly<Record<string, string | undefined>>;

/** Part of the load over the target, as points in time: seconds since the start, percent of the target. */
export type LevelPoint = readonly [seconds: number, percent: number];

export type Settings = {
  readonly warmUp: boolean;
  readonly baseUrl: string;
  readonly scenarios: Readonly<Record<string, Scenario>>;
  readonly thresholds: Readonly<Record<string, (string | Threshold)[]>>;
  /** Limits on the latency of each operation that the script names. */
  readonly operationLimits: readonly string[];
  readonly thinkSeconds: number;
  /** Empty when the load never goes beyond the target. */
  readonly levels: readonly LevelPoint[];
  readonly slowMilliseconds: number;
  readonly runId: string;
  readonly commit: string;
  readonly environment: string;
  readonly summaryPath: string;
};

export function readSettings(env: Variables): Settings {
  const text = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`${name}: expected a value from the module, got none`);
    return value;
  };
  const load = JSON.parse(text('DELIVERY_LOAD')) as Pick<Settings, 'scenarios' | 'thresholds' | 'operationLimits' | 'thinkSeconds' | 'levels' | 'slowMilliseconds'>;
  return {
    ...load,
    warmUp: env['DELIVERY_PHASE'] === 'warm-up',
    baseUrl: text('BASE_URL'),
    runId: text('DELIVERY_RUN_ID'),
    commit: text('DELIVERY_COMMIT'),
    environment: text('ENVIRONMENT'),
    summaryPath: text('DELIVERY_SUMMARY'),
  };
}

/** The script's own thresholds stay, beside the module's. Its load and its output do not: they are the call's. */
export function mergeOptions(own: Options, operations: readonly string[], settings: Settings): Options {
  const { scenarios: _scenarios, stages: _stages, vus: _vus, duration: _duration, iterations: _iterations, rps: _rps, ...kept } = own as Options & { rps?: number };
  const thresholds: Record<string, (string | Threshold)[]> = settings.warmUp ? {} : { ...(own.thresholds as Record<string, (string | Threshold)[]> | undefined) };
  const ofOperations = settings.warmUp ? [] : operations.flatMap((operation): [string, readonly (string | Threshold)[]][] => [
    [`http_reqs{operation:${operation}}`, ['count>0']],
    [`http_req_duration{operation:${operation}}`, settings.operationLimits],
  ]);
  for (const [metric, added] of [...Object.entries(settings.thresholds), ...ofOperations]) thresholds[metric] = [...(thresholds[metric] ?? []), ...added];
  return {
    ...kept,
    scenarios: settings.scenarios,
    thresholds,
    summaryTrendStats: STATS,
    tags: { ...own.tags, environment: settings.environment },
    userAgent: `delivery-perf (run ${settings.runId})`,
  };
}

// A histogram is drawn from percentiles: k6 hands over no single sample.
const STATS = ['count', 'avg', 'min', 'med', 'max', ...Array.from({ length: 99 }, (_, index) => `p(${index + 1})`), 'p(99.5)', 'p(99.9)'];
