import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadFiles } from '../../server/files.js';
import { NAVIGATION, SCRIPT, directory, start } from './service.js';

describe('the page', () => {
  it('is delivered at / and is asked for again each time', async () => {
    const { get } = await start();
    const response = await get('/');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toBe('<title>page</title>');
  });

  it('is delivered for an address inside the page when a person goes there', async () => {
    const { get } = await start();
    const response = await get('/documents/7?from=mail', NAVIGATION);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<title>page</title>');
  });

  it.each(['/api', '/api/documents', '/health', '/health/other', '/metrics/other', '/assets/missing', '/missing.js', '/robots.txt'])(
    'is never delivered for %s, even to a browser',
    async (path) => {
      const { get } = await start();
      const response = await get(path, NAVIGATION);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toContain('application/json');
    },
  );

  it.each([{ accept: 'application/json' }, { accept: '*/*' }])('is not delivered to a client that sends %o', async (headers) => {
    const { get } = await start();
    expect((await get('/documents/7', headers)).status).toBe(404);
  });

  it('is not changed by other methods', async () => {
    const { get } = await start();
    const response = await get('/', {}, 'POST');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('carries headers that keep foreign scripts, frames and guessed types out', async () => {
    const { get } = await start();
    const { headers } = await get('/');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('a file', () => {
  it('with a hash in its name may be kept for a year and comes compressed', async () => {
    const { get } = await start();
    const response = await get('/assets/index-abc.js');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('vary')).toBe('accept-encoding');
    expect(await response.text()).toBe(SCRIPT);
  });

  it('comes as it is to a client that cannot decompress', async () => {
    const { get } = await start();
    const response = await get('/assets/index-abc.js', { 'accept-encoding': 'identity' });
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('content-length')).toBe(String(SCRIPT.length));
  });

  it('is not sent again when the client has it', async () => {
    const { get } = await start();
    const etag = (await get('/favicon.svg')).headers.get('etag');
    const response = await get('/favicon.svg', { 'if-none-match': String(etag) });
    expect(response.status).toBe(304);
    expect(await response.text()).toBe('');
  });

  it('is announced without its content on HEAD', async () => {
    const { get } = await start();
    const response = await get('/favicon.svg', { 'accept-encoding': 'identity' }, 'HEAD');
    expect(response.headers.get('content-length')).toBe('6');
    expect(await response.text()).toBe('');
  });

  it.each(['/../package.json', '/assets/../../package.json', '/%2e%2e/package.json', '//evil.example/'])(
    'outside the page is not reached by %s',
    async (path) => {
      const { base } = await start();
      // fetch() would tidy the path up before it sends it.
      const { hostname, port } = new URL(base);
      const sent = httpRequest({ hostname, port, path }).end();
      const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }];
      response.resume();
      expect(response.statusCode).toBe(404);
    },
  );
});

describe('a folder without a page', () => {
  it('is refused with what to do', async () => {
    await expect(loadFiles(join(directory, 'assets'))).rejects.toThrow('expected index.html, found none; run npm run build');
  });
});
