import { createClient } from 'redis';
import type { Logger } from '../log.js';
import type { Cache } from './cache.js';

const TIMEOUT_MS = 500;

export function redisCache(redisUrl: string, log: Logger): Cache {
  const client = createClient({
    url: redisUrl,
    // Without it, commands wait for a connection that may never come, and requests with them.
    disableOfflineQueue: true,
    commandOptions: { timeout: TIMEOUT_MS },
    socket: { connectTimeout: TIMEOUT_MS, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 5_000) },
  });
  client.on('error', (error: unknown) => log.warn({ err: error }, 'the connection to Redis failed; trying again'));
  client.on('ready', () => log.info('connected to Redis'));
  client.connect().catch((error: unknown) => log.warn({ err: error }, 'Redis was never reached'));
  return {
    get: (key) => client.get(key),
    async set(key, value, ttlSeconds) {
      await client.set(key, value, { expiration: { type: 'EX', value: ttlSeconds } });
    },
    close() {
      client.destroy();
      return Promise.resolve();
    },
  };
}
