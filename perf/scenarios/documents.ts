// One user does all of it: opens the page and the list, uploads a document, reads it back, asks for its summary.
import exec from 'k6/execution';
import { browsePage, listDocuments, readDocument, summariseDocument, uploadDocument, type Operation } from '../lib/product.ts';

export const operations: readonly Operation[] = ['browse', 'list', 'upload', 'read', 'summarise'];

export default function documents(): void {
  browsePage();
  listDocuments();
  const stored = uploadDocument(exec.scenario.iterationInTest);
  if (stored === null) return;
  readDocument(stored);
  summariseDocument(stored);
}
