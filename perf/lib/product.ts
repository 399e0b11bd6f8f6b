// What a user can do with the product, one function for each; every answer is checked.
import { check } from 'k6';
import http, { type Params, type Response } from 'k6/http';
import { readBaseUrl, readSeed } from './target.ts';
import { generateDocument } from './texts.ts';

// Read before anything is sent: a wrong setting ends the run with status 107 and no request.
const baseUrl = readBaseUrl(__ENV['BASE_URL']);
const seed = readSeed(__ENV['SEED']);

export type Operation = 'browse' | 'list' | 'upload' | 'read' | 'summarise';
export type StoredDocument = { readonly id: string; readonly text: string };

export function browsePage(): void {
  expect('the page is HTML', http.get(`${baseUrl}/`, request('browse', 'GET /')), 200, /^text\/html/);
}

export function listDocuments(): void {
  expect('the list is JSON', http.get(`${baseUrl}/api/documents`, request('list', 'GET /api/documents')), 200, json);
}

/** The same number gives the same document on every machine. Null when it was not stored. */
export function uploadDocument(number: number): StoredDocument | null {
  const document = generateDocument(seed, number);
  const answer = http.post(`${baseUrl}/api/documents`, JSON.stringify(document), request('upload', 'POST /api/documents'));
  if (!expect('the upload is created', answer, 201, json)) return null;
  return { id: String(answer.json('id')), text: document.text };
}

export function readDocument({ id, text }: StoredDocument): void {
  const answer = http.get(`${baseUrl}/api/documents/${id}`, request('read', 'GET /api/documents/:id'));
  if (!expect('the document is found', answer, 200, json)) return;
  check(answer, { 'the text is the uploaded one': () => answer.json('text') === text });
}

export function summariseDocument({ id }: StoredDocument): void {
  const answer = http.post(`${baseUrl}/api/documents/${id}/summary`, null, request('summarise', 'POST /api/documents/:id/summary'));
  if (!expect('the summary is made', answer, 200, json)) return;
  check(answer, { 'the summary has text': () => Boolean(answer.json('summary')) });
}

/** Documents to read, for a scenario that stores none itself; without them there is nothing to load. */
export function storedDocuments(count: number): StoredDocument[] {
  return Array.from({ length: count }, (_, number) => {
    const stored = uploadDocument(number);
    if (stored === null) throw new Error('setup: expected the target to store a document, and it did not; see the checks');
    return stored;
  });
}

const json = /^application\/json/;

// A page that answers 200 to every path must not count as an API: the content type is part of the answer.
function expect(what: string, response: Response, status: number, contentType: RegExp): boolean {
  return check(response, {
    [what]: () => response.status === status && contentType.test(response.headers['Content-Type'] ?? ''),
  });
}

// `name` is the route's pattern: without it every document's address would be a series of its own.
function request(operation: Operation, name: string): Params {
  return { headers: { 'Content-Type': 'application/json' }, tags: { operation, name }, timeout: '10s' };
}
