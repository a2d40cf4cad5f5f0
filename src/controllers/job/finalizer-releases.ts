/**
 * Of which Pods the removal of the finalizer was sent and is not seen yet, by Job: they are counted already, whatever
 * the informer still shows (upstream's `uidTrackingExpectations`).
 */
export class FinalizerReleases {
  readonly #uidsByJob = new Map<string, Set<string>>();

  expect(jobKey: string, uids: Iterable<string>): void {
    const expected = this.#uidsByJob.get(jobKey) ?? new Set();
    for (const uid of uids) expected.add(uid);
    this.#uidsByJob.set(jobKey, expected);
  }

  isExpected(jobKey: string, uid: string): boolean {
    return this.#uidsByJob.get(jobKey)?.has(uid) ?? false;
  }

  /** It was seen, or will not come because it failed. */
  observed(jobKey: string, uid: string): void {
    const expected = this.#uidsByJob.get(jobKey);
    expected?.delete(uid);
    if (expected?.size === 0) this.#uidsByJob.delete(jobKey);
  }

  forget(jobKey: string): void {
    this.#uidsByJob.delete(jobKey);
  }
}
