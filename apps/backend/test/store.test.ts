import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedStore, type Cache } from '../src/store/cache.js';
import type { DocumentStore } from '../src/store/documentStore.js';
import { memoryStore } from '../src/store/memory.js';
import { openStore } from '../src/store/open.js';
import { postgresStore } from '../src/store/postgres.js';
import { redisCache } from '../src/store/redis.js';
import { collectingLog } from './support/app.js';

/** What every store promises, whatever is behind it. */
function keepsThePromisesOfAStore(open: () => DocumentStore): void {
  it('gives back what was stored, and the newest first', async () => {
    const store = open();
    await store.check();
    const first = await store.create({ title: 'Ä title', text: "it's; a 'text' \u{1F600}" });
    const second = await store.create({ title: 'second', text: 'b' });
    expect(await store.find(first.id)).toEqual({ ...first, text: "it's; a 'text' \u{1F600}" });
    expect(await store.find(first.id)).toEqual({ ...first, text: "it's; a 'text' \u{1F600}" });
    expect((await store.list()).slice(0, 2)).toEqual([second, first]);
    await store.close();
  });

  it('finds nothing under an unknown id', async () => {
    const store = open();
    expect(await store.find('8f2b3f1e-0000-4000-8000-000000000000')).toBeNull();
    await store.close();
  });
}

describe('the memory store', () => {
  keepsThePromisesOfAStore(() => memoryStore());

  it('drops the oldest document when it is full', async () => {
    const store = memoryStore(2);
    for (const title of ['a', 'b', 'c']) await store.create({ title, text: 'text' });
    expect((await store.list()).map(({ title }) => title)).toEqual(['c', 'b']);
  });
});

describe('the PostgreSQL store', () => {
  const { log } = collectingLog();
  let url = process.env['TEST_DATABASE_URL'] ?? '';
  let server: PGLiteSocketServer | null = null;
  // PostgreSQL itself, compiled to WebAssembly, behind a socket: no server to install.
  beforeAll(async () => {
    if (url !== '') return;
    server = new PGLiteSocketServer({ db: await PGlite.create(), port: 0, host: '127.0.0.1', maxConnections: 10 });
    await server.start();
    url = `postgresql://postgres@${server.getServerConn()}/postgres`;
  }, 60_000);
  afterAll(() => server?.stop());

  keepsThePromisesOfAStore(() => postgresStore(url, log));

  it('keeps the documents when the service starts again', async () => {
    const before = openStore({ databaseUrl: url, redisUrl: null }, log);
    const { id } = await before.create({ title: 'kept', text: 'text' });
    await before.close();
    const after = openStore({ databaseUrl: url, redisUrl: null }, log);
    expect(await after.find(id)).toMatchObject({ title: 'kept' });
    await after.close();
  });

  it('makes its table once when two replicas start together', async () => {
    const replicas = [postgresStore(url, log), postgresStore(url, log)];
    await expect(Promise.all(replicas.map((store) => store.check()))).resolves.toBeDefined();
    await Promise.all(replicas.map((store) => store.close()));
  });

  it('says that it cannot answer while the database is away', async () => {
    const store = postgresStore('postgresql://postgres@127.0.0.1:1/postgres', log);
    await expect(store.check()).rejects.toThrow('ECONNREFUSED');
    await expect(store.check()).rejects.toThrow('ECONNREFUSED');
    await store.close();
  });
});

describe('the cache in front of a store', () => {
  const working = (entries: Map<string, string>): Cache => ({
    get: (key) => Promise.resolve(entries.get(key) ?? null),
    set: (key, value) => Promise.resolve(void entries.set(key, value)),
    close: () => Promise.resolve(),
  });
  keepsThePromisesOfAStore(() => cachedStore(memoryStore(), working(new Map()), collectingLog().log));

  it('answers the second read without the store', async () => {
    const store = memoryStore();
    const cached = cachedStore(store, working(new Map()), collectingLog().log);
    const { id } = await cached.create({ title: 'a', text: 'b' });
    await cached.find(id);
    store.find = () => Promise.reject(new Error('the store was asked'));
    expect(await cached.find(id)).toMatchObject({ title: 'a' });
  });

  it('goes on without Redis when Redis is away, and says so', async () => {
    const { log, lines } = collectingLog();
    const store = openStore({ databaseUrl: null, redisUrl: 'redis://127.0.0.1:1' }, log);
    const { id } = await store.create({ title: 'a', text: 'b' });
    expect(await store.find(id)).toMatchObject({ title: 'a' });
    await store.close();
    expect(JSON.stringify(lines)).toContain('the cache does not answer; going on without it');
  });
});

// There is no Redis without a server; name one to try it for real.
const redisUrl = process.env['TEST_REDIS_URL'];
describe.skipIf(redisUrl === undefined)('the cache in a real Redis', () => {
  it('answers the second read without the store', async () => {
    const { log, lines } = collectingLog();
    const store = memoryStore();
    const cached = cachedStore(store, redisCache(String(redisUrl), log), log);
    await expect.poll(() => JSON.stringify(lines)).toContain('connected to Redis');
    const { id } = await cached.create({ title: 'a', text: 'b' });
    await cached.find(id);
    store.find = () => Promise.reject(new Error('the store was asked'));
    expect(await cached.find(id)).toMatchObject({ title: 'a' });
    await cached.close();
  });
});
