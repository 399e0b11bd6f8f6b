import { Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The label of every request that no route answers: a path is user data and has no place in a label. */
export const UNMATCHED_ROUTE = 'unmatched';

export interface Metrics {
  readonly registry: Registry;
  observe(method: string, route: string, code: number, seconds: number): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests in seconds, without health checks and metrics',
    labelNames: ['method', 'route', 'code'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  return {
    registry,
    observe: (method, route, code, seconds) => duration.observe({ method, route, code: String(code) }, seconds),
  };
}
