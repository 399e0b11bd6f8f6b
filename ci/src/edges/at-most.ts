/** Does the work for every item, at most `limit` of them at once; results come in the items' order. */
export async function mapAtMost<Item, Result>(limit: number, items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<readonly Result[]> {
  const waiting = items.entries()
  const results: Result[] = []
  const worker = async (): Promise<void> => {
    // All workers take from the same iterator.
    for (const [index, item] of waiting) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}
