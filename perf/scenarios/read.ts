// Readers of documents that are there already.
import exec from 'k6/execution';
import { readDocument, storedDocuments, type Operation, type StoredDocument } from '../lib/product.ts';

export const operations: readonly Operation[] = ['read'];

export const setup = (): StoredDocument[] => storedDocuments(20);

export default function read(documents: StoredDocument[]): void {
  const document = documents[exec.scenario.iterationInTest % documents.length];
  if (document !== undefined) readDocument(document);
}
