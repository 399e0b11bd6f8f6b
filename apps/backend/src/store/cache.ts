import type { Logger } from '../log.js';
import type { Document, DocumentStore } from './documentStore.js';

export interface Cache {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  close(): Promise<void>;
}

const TTL_SECONDS = 300;

/** Documents never change, so a cached one is never wrong. A broken cache costs time, not answers. */
export function cachedStore(store: DocumentStore, cache: Cache, log: Logger): DocumentStore {
  const attempt = async <T>(action: () => Promise<T>): Promise<T | null> => {
    try {
      return await action();
    } catch (error) {
      log.warn({ err: error }, 'the cache does not answer; going on without it');
      return null;
    }
  };
  return {
    create: (document) => store.create(document),
    list: () => store.list(),
    async find(id) {
      const key = `document:${id}`;
      const hit = await attempt(() => cache.get(key));
      if (hit !== null) return JSON.parse(hit) as Document;
      const document = await store.find(id);
      if (document !== null) await attempt(() => cache.set(key, JSON.stringify(document), TTL_SECONDS));
      return document;
    },
    check: () => store.check(),
    async close() {
      await attempt(() => cache.close());
      await store.close();
    },
  };
}
