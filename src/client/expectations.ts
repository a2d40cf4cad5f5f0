import type { Clock } from '../machinery/clock.ts';

/** After this long a controller looks again, whatever it still expects: upstream's `ExpectationsTimeout`. */
const timeoutMs = 5 * 60_000;

interface Expected {
  creations: number;
  /** Keys of objects that are about to go: one may be told of more than once, and counts once. */
  readonly deletions: Set<string>;
  readonly sinceMs: number;
}

/**
 * What a controller has written and not yet seen in its informer: upstream's `UIDTrackingControllerExpectations`. Until
 * it has seen all of it, counting what there is would count wrong, and it would write too much.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether all that was expected for this owner has been seen, or has been waited for too long. */
  areSatisfied(key: string): boolean {
    const expected = this.#byKey.get(key);
    if (expected === undefined) return true;
    if (expected.creations <= 0 && expected.deletions.size === 0) return true;
    return this.#clock.monotonicMs() - expected.sinceMs > timeoutMs;
  }

  expectCreations(key: string, count: number): void {
    this.#byKey.set(key, { creations: count, deletions: new Set(), sinceMs: this.#clock.monotonicMs() });
  }

  /** @param deleted The keys of the objects. */
  expectDeletions(key: string, deleted: Iterable<string>): void {
    this.#byKey.set(key, { creations: 0, deletions: new Set(deleted), sinceMs: this.#clock.monotonicMs() });
  }

  /** More, on top of what is expected already. */
  raise(key: string, creations: number, deleted: Iterable<string> = []): void {
    const expected = this.#byKey.get(key);
    if (expected === undefined) {
      this.#byKey.set(key, { creations, deletions: new Set(deleted), sinceMs: this.#clock.monotonicMs() });
      return;
    }
    expected.creations += creations;
    for (const one of deleted) expected.deletions.add(one);
  }

  /** A creation was seen, or will not come because it failed. */
  creationObserved(key: string): void {
    const expected = this.#byKey.get(key);
    if (expected !== undefined) expected.creations--;
  }

  /** A deletion was seen, or will not come because it failed. */
  deletionObserved(key: string, deleted: string): void {
    this.#byKey.get(key)?.deletions.delete(deleted);
  }

  /** The owner is gone. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
