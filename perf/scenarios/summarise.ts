// Summaries alone: what the AI service has to carry.
import exec from 'k6/execution';
import { storedDocuments, summariseDocument, type Operation, type StoredDocument } from '../lib/product.ts';

export const operations: readonly Operation[] = ['summarise'];

export const setup = (): StoredDocument[] => storedDocuments(20);

export default function summarise(documents: StoredDocument[]): void {
  const document = documents[exec.scenario.iterationInTest % documents.length];
  if (document !== undefined) summariseDocument(document);
}
