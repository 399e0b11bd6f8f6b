import { expectedIterations, type Profile } from './profiles.ts';

export type Budget = { readonly p95Milliseconds: number; readonly errorRate: number };
export type Thresholds = Record<string, string[]>;

export function selectBudget(budgets: Readonly<Record<string, Budget>>, environment: string | undefined): Budget {
  const budget = environment && Object.hasOwn(budgets, environment) ? budgets[environment] : undefined;
  if (budget) return budget;
  throw new Error(
    `ENVIRONMENT: expected one that perf/budgets.json names (${Object.keys(budgets).join(', ')}), got "${environment ?? ''}"; ` +
      'an environment without a budget is never load-tested',
  );
}

/** The budget, and the guards without which k6 passes a threshold that never saw a sample. */
export function thresholdsFor(budget: Budget, profile: Profile, operations: readonly string[]): Thresholds {
  const latency = `p(95)<${budget.p95Milliseconds}`;
  const thresholds: Thresholds = {
    http_req_duration: [latency],
    http_req_failed: [`rate<${budget.errorRate}`],
    checks: ['rate>0.99'],
    iterations: ['count>0'],
    http_reqs: [`count>=${minimumRequests(budget, profile, operations.length)}`],
  };
  for (const operation of operations) {
    thresholds[`http_req_duration{operation:${operation}}`] = [latency];
    thresholds[`http_reqs{operation:${operation}}`] = ['count>0'];
  }
  // Only an open model drops iterations: those that no free user could start.
  if (profile.scenario.executor === 'constant-arrival-rate') thresholds['dropped_iterations'] = ['count==0'];
  return thresholds;
}

// Half of what a target just within its budget would answer: fewer means that the load was not there.
function minimumRequests(budget: Budget, profile: Profile, requestsPerIteration: number): number {
  const iterationSeconds = profile.thinkSeconds + (requestsPerIteration * budget.p95Milliseconds) / 1000;
  return Math.max(requestsPerIteration, Math.floor((expectedIterations(profile, iterationSeconds) * requestsPerIteration) / 2));
}
