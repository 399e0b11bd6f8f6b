import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface StaticFile {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly etag: string;
  readonly body: Buffer;
  readonly gzip: Buffer | null;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * The built page, by its URL path. It is small and is kept in memory: no request ever names a
 * path of the file system.
 */
export async function loadFiles(directory: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = new Map<string, StaticFile>();
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(directory, file).split(sep).join('/')}`;
    files.set(path, staticFile(path, await readFile(file)));
  }
  if (!files.has('/index.html')) throw new Error(`${directory}: expected index.html, found none; run npm run build`);
  return files;
}

function staticFile(path: string, body: Buffer): StaticFile {
  const contentType = CONTENT_TYPES[extname(path)] ?? 'application/octet-stream';
  return {
    contentType,
    // Vite puts a hash of the content into the names below /assets/, and only there.
    cacheControl: path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    body,
    gzip: /(^text\/)|json|svg/.test(contentType) && body.length > 1024 ? gzipSync(body) : null,
  };
}
