/** Calls `act` for each item, for so many at a time. Rejects with the first error, after which no more are begun. */
export async function inParallel<T>(
  items: readonly T[],
  workers: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, work));
}
