import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { NO_FAULTS, type Faults } from '../../server/faults.js';
import { loadFiles, type StaticFile } from '../../server/files.js';
import { createHandler } from '../../server/handler.js';
import { collectingLog } from './log.js';

export const NAVIGATION = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
export const SCRIPT = `console.log(${'"long enough to be worth compressing" + '.repeat(60)}"")`;
let files: ReadonlyMap<string, StaticFile>;
export let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'frontend-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<title>page</title>');
  await writeFile(join(directory, 'favicon.svg'), '<svg/>');
  await writeFile(join(directory, 'assets', 'index-abc.js'), SCRIPT);
  files = await loadFiles(directory);
});
afterAll(() => rm(directory, { recursive: true }));

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** The handler on a real socket, with a small page on a real disk. */
export async function start(faults: Partial<Faults> = {}, random?: () => number) {
  const { log, lines } = collectingLog();
  const config = { port: 0, version: '1.2.3', faults: { ...NO_FAULTS, ...faults } };
  server = createServer(createHandler({ config, files, log, ...(random && { random }) })).listen(0);
  await once(server, 'listening');
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(base + path, { method, headers });
  const counts = async () =>
    (await (await get('/metrics')).text()).split('\n').filter((line) => line.startsWith('http_request_duration_seconds_count'));
  return { base, lines, get, counts };
}
