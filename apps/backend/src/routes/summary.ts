import type { Summarize } from '../aiMl.js';
import type { DocumentStore } from '../store/documentStore.js';
import { findDocument } from './documents.js';
import type { Route } from './route.js';

export function summaryRoutes(store: DocumentStore, summarize: Summarize): Route[] {
  return [
    {
      method: 'post',
      path: '/api/documents/:id/summary',
      handle: async (request, response) => {
        const document = await findDocument(store, request);
        const { summary, sentences } = await summarize(document.text, String(response.locals['requestId']));
        response.json({ id: document.id, summary, sentences });
      },
    },
  ];
}
