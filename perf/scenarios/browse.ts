// A visitor who opens the page and looks through the list.
import { browsePage, listDocuments, type Operation } from '../lib/product.ts';

export const operations: readonly Operation[] = ['browse', 'list'];

export default function browse(): void {
  browsePage();
  listDocuments();
}
