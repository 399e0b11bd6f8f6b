import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import type { StaticFile } from './files.js';
import { sendJson } from './headers.js';
import { UNMATCHED_ROUTE } from './metrics.js';

export interface Answer {
  /** The pattern under which the request is measured and logged. */
  readonly route: string;
  send(request: IncomingMessage, response: ServerResponse): void;
}

export function findAnswer(files: ReadonlyMap<string, StaticFile>, request: IncomingMessage, path: string): Answer {
  const page = path === '/' || path === '/index.html' || (!files.has(path) && isNavigation(request, path));
  const file = files.get(page ? '/index.html' : path);
  if (file === undefined) return { route: UNMATCHED_ROUTE, send: sendNotFound };
  const route = page ? '/' : path.startsWith('/assets/') ? '/assets/*' : '/*';
  if (!isRead(request)) return { route, send: sendMethodNotAllowed };
  return { route, send: (asked, response) => sendFile(file, asked, response) };
}

/** A person went to an address of the page; not a script, an image, an API call or a probe. */
function isNavigation(request: IncomingMessage, path: string): boolean {
  const reserved = /^\/(api|health|metrics|assets)(\/|$)/.test(path);
  const accepts = (request.headers.accept ?? '').includes('text/html');
  return isRead(request) && !reserved && extname(path) === '' && accepts;
}

function isRead(request: IncomingMessage): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}

function sendFile(file: StaticFile, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('etag', file.etag);
  response.setHeader('cache-control', file.cacheControl);
  if (file.gzip !== null) response.setHeader('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304).end();
    return;
  }
  const gzip = file.gzip !== null && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = gzip ? file.gzip : file.body;
  if (gzip) response.setHeader('content-encoding', 'gzip');
  response.writeHead(200, { 'content-type': file.contentType, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function sendNotFound(_request: IncomingMessage, response: ServerResponse): void {
  sendJson(response, 404, { error: 'not_found', message: 'there is nothing at this path' });
}

function sendMethodNotAllowed(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('allow', 'GET, HEAD');
  sendJson(response, 405, { error: 'method_not_allowed', message: 'use GET or HEAD' });
}
