import type { Request } from 'express';
import { HttpError } from '../errors.js';
import type { Document, DocumentStore, NewDocument } from '../store/documentStore.js';
import type { Route } from './route.js';

const TITLE_LIMIT = 200;
const TEXT_LIMIT = 200_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function documentRoutes(store: DocumentStore): Route[] {
  return [
    {
      method: 'post',
      path: '/api/documents',
      handle: async (request, response) => {
        const document = await store.create(parseDocument(request.body));
        response.status(201).location(`/api/documents/${document.id}`).json(document);
      },
    },
    {
      method: 'get',
      path: '/api/documents',
      handle: async (_request, response) => {
        response.json(await store.list());
      },
    },
    {
      method: 'get',
      path: '/api/documents/:id',
      handle: async (request, response) => {
        response.json(await findDocument(store, request));
      },
    },
  ];
}

export async function findDocument(store: DocumentStore, request: Request): Promise<Document> {
  const id = request.params['id'];
  const document = typeof id === 'string' && UUID.test(id) ? await store.find(id.toLowerCase()) : null;
  if (document === null) throw new HttpError(404, 'document_not_found', 'there is no document with this id');
  return document;
}

function parseDocument(body: unknown): NewDocument {
  const { title, text } = (body ?? {}) as Record<string, unknown>;
  return { title: parseText('title', title, TITLE_LIMIT), text: parseText('text', text, TEXT_LIMIT) };
}

function parseText(field: string, value: unknown, limit: number): string {
  // PostgreSQL cannot hold a NUL in a text; every store refuses it, so that all behave the same.
  const valid = typeof value === 'string' && value.trim() !== '' && value.length <= limit && !value.includes('\0');
  if (valid) return value.trim();
  throw new HttpError(400, 'invalid_document', `${field}: expected a text of 1 to ${limit} characters`);
}
