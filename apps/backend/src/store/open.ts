import type { Config } from '../config.js';
import type { Logger } from '../log.js';
import { cachedStore } from './cache.js';
import type { DocumentStore } from './documentStore.js';
import { memoryStore } from './memory.js';
import { postgresStore } from './postgres.js';
import { redisCache } from './redis.js';

export function openStore(config: Pick<Config, 'databaseUrl' | 'redisUrl'>, log: Logger): DocumentStore {
  const store = config.databaseUrl === null ? memoryStore() : postgresStore(config.databaseUrl, log);
  log.info(
    { store: config.databaseUrl === null ? 'memory' : 'postgres', cache: config.redisUrl === null ? 'none' : 'redis' },
    'document store',
  );
  return config.redisUrl === null ? store : cachedStore(store, redisCache(config.redisUrl, log), log);
}
