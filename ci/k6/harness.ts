// What the module lays around a k6 script: load and limits of the call, the target asked before, exceptions counted, requests marked.
import { sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { correlate } from './correlation.ts';
import { levelAt } from './level.ts';
import { mergeOptions, readSettings } from './settings.ts';

export type Script = {
  readonly default?: (data: unknown) => unknown;
  readonly options?: Options;
  readonly setup?: () => unknown;
  readonly teardown?: (data: unknown) => unknown;
  /** Values of the tag `operation` that shall be judged one by one, too. */
  readonly operations?: readonly string[];
};

const LOGGING_VUS = 3;
const SLOW_LINES_OF_A_VU = 2;
const REACH_ATTEMPTS = 3;

export function harness(script: Script) {
  const settings = readSettings(__ENV);
  const run = script.default;
  if (typeof run !== 'function') throw new Error('expected a default function with what one user does, got none');
  const exceptions = new Counter('script_exceptions');
  let slowLines = 0;
  let exceptionLines = 0;

  correlate(settings, (method, answer, traceId) => {
    // Called for every request: what is not needed is not asked of the answer.
    const what = (): string => `${method.toUpperCase()} ${answer.request?.url ?? answer.url}`;
    if (settings.warmUp) {
      console.log(`warm-up: ${what()}: ${answer.status === 0 ? answer.error : `${answer.status}, ${answer.headers['Content-Type'] ?? 'no content type'}`}`);
    } else if (slowLines < SLOW_LINES_OF_A_VU && answer.timings.duration > settings.slowMilliseconds) {
      slowLines += 1;
      console.log(`slow: ${answer.timings.duration.toFixed(1)} ms, ${what()}, trace ${traceId}`);
    }
  });

  const failed = (error: unknown): void => {
    exceptions.add(1);
    if (exec.vu.idInTest > LOGGING_VUS || exceptionLines > 0) return;
    exceptionLines += 1;
    console.error(`exception: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  const think = (): void => {
    if (settings.thinkSeconds > 0 && !settings.warmUp) sleep(settings.thinkSeconds);
  };

  return {
    options: mergeOptions(script.options ?? {}, script.operations ?? [], settings),
    setup(): unknown {
      if (settings.warmUp) reach(settings.baseUrl);
      return script.setup?.();
    },
    iterate(data: unknown): unknown {
      if (settings.levels.length > 0) exec.vu.metrics.tags['load'] = levelAt(settings.levels, exec.scenario.progress) > 100 ? 'over' : 'within';
      try {
        const ended = run(data);
        if (ended instanceof Promise) return ended.catch(failed).then(think);
      } catch (error) {
        failed(error);
      }
      return think();
    },
    teardown(data: unknown): void {
      script.teardown?.(data);
    },
    handleSummary(data: object): Record<string, string> {
      const summary = JSON.stringify(data);
      // On several machines the log is the way back.
      return settings.summaryPath === 'stdout' ? { stdout: `\ndelivery-summary ${summary}\n` } : { stdout: '', [settings.summaryPath]: summary };
    },
  };
}

/** No answer at all, or one that leads elsewhere, says nothing about speed: that is an error, not a missed limit. */
function reach(baseUrl: string): void {
  const ask = () => http.get(`${baseUrl}/`, { redirects: 0, timeout: '10s', responseCallback: http.expectedStatuses({ min: 100, max: 599 }), tags: { operation: 'reach' } });
  let answer = ask();
  for (let attempt = 1; attempt < REACH_ATTEMPTS && answer.status === 0; attempt += 1) {
    sleep(1);
    answer = ask();
  }
  if (answer.status === 0) throw new Error(`unreachable: ${baseUrl}/ gave no answer (${answer.error})`);
  const location = answer.headers['Location'];
  if (location !== undefined && /^https?:/.test(location) && hostOf(location) !== hostOf(baseUrl)) {
    throw new Error(`unreachable: ${baseUrl}/ leads to ${location}: expected the target itself, for another host would get the load`);
  }
}

const hostOf = (url: string): string => /^https?:\/\/([^/?#]*)/.exec(url)?.[1] ?? '';
