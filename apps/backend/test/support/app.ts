import type { DestinationStream } from 'pino';
import supertest from 'supertest';
import type { Summarize } from '../../src/aiMl.js';
import { createApp } from '../../src/app.js';
import { NO_FAULTS, type Faults } from '../../src/faults.js';
import { createLogger, type Logger } from '../../src/log.js';
import type { DocumentStore } from '../../src/store/documentStore.js';
import { memoryStore } from '../../src/store/memory.js';

export interface Options {
  faults?: Partial<Faults>;
  store?: DocumentStore;
  summarize?: Summarize;
  random?: () => number;
}

export function collectingLog(): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination: DestinationStream = { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { log: createLogger('backend', 'test', destination), lines };
}

export function startApp({ faults, store = memoryStore(), summarize, random = Math.random }: Options = {}) {
  const { log, lines } = collectingLog();
  const app = createApp({
    config: { version: '1.2.3', faults: { ...NO_FAULTS, ...faults } },
    store,
    summarize: summarize ?? (() => Promise.reject(new Error('this test asks for no summary'))),
    log,
    random,
  });
  return { request: supertest(app), lines };
}
