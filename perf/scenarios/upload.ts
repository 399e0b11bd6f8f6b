// Somebody who only adds documents.
import exec from 'k6/execution';
import { uploadDocument, type Operation } from '../lib/product.ts';

export const operations: readonly Operation[] = ['upload'];

export default function upload(): void {
  uploadDocument(exec.scenario.iterationInTest);
}
