/**
 * Calls `act` with 0 … `count` - 1 in batches that double in size from `first` on, and stops after a batch in which one
 * failed: what fails for all fails for few first, and the API server is spared the rest. Resolves to how many succeeded
 * and the first error.
 * @param largest No batch is larger.
 */
export async function slowStartBatch(
  count: number,
  first: number,
  act: (index: number) => Promise<void>,
  largest = Infinity,
): Promise<{ readonly succeeded: number; readonly error: unknown }> {
  let succeeded = 0;
  let next = 0;
  for (let size = Math.min(count, first); size > 0; size = Math.min(2 * size, count - next, largest)) {
    const results = await Promise.allSettled(Array.from({ length: size }, (_, offset) => act(next + offset)));
    next += size;
    const failed = results.filter((result) => result.status === 'rejected');
    succeeded += results.length - failed.length;
    const [one] = failed;
    if (one !== undefined) return { succeeded, error: one.reason };
  }
  return { succeeded, error: undefined };
}
