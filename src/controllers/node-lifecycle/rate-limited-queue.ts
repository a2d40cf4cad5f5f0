import type { Clock } from '../../machinery/clock.ts';

/**
 * Names that wait for their turn, of which so many a second have one (upstream's RateLimitedTimedQueue). One that had its
 * turn is not taken up again before it was removed.
 */
export class RateLimitedQueue {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #known = new Set<string>();
  readonly #waiting = new Set<string>();
  #perSecond: number;
  /** When the next turn is. */
  #readyAtMs: number;

  constructor(perSecond: number, clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#readyAtMs = clock.monotonicMs();
  }

  /** False when it is known already. */
  add(name: string): boolean {
    if (this.#known.has(name)) return false;
    this.#known.add(name);
    this.#waiting.add(name);
    return true;
  }

  /** False when it was not known. */
  remove(name: string): boolean {
    this.#waiting.delete(name);
    return this.#known.delete(name);
  }

  /** How long until somebody has a turn; Infinity: nobody will. */
  get nextInMs(): number {
    if (this.#waiting.size === 0 || this.#perSecond <= 0) return Infinity;
    return Math.max(0, this.#readyAtMs - this.#clock.monotonicMs());
  }

  /** A turn that was already due under the old rate stays; otherwise the wait begins anew. */
  setRate(perSecond: number): void {
    if (perSecond === this.#perSecond) return;
    const nowMs = this.#clock.monotonicMs();
    const isDue = this.#perSecond > 0 && this.#readyAtMs <= nowMs;
    this.#perSecond = perSecond;
    this.#readyAtMs = isDue ? nowMs : nowMs + this.#intervalMs;
  }

  /** Calls `act` for each whose turn it is. One for which it resolves to false waits for another turn. */
  async drain(act: (name: string) => Promise<boolean>): Promise<void> {
    while (this.nextInMs === 0) {
      this.#readyAtMs = this.#clock.monotonicMs() + this.#intervalMs;
      const [name] = this.#waiting;
      if (name === undefined) return;
      const isDone = await act(name);
      // It may have been removed meanwhile.
      if (this.#waiting.delete(name) && !isDone) this.#waiting.add(name);
    }
  }

  get #intervalMs(): number {
    return this.#perSecond > 0 ? 1000 / this.#perSecond : Infinity;
  }
}
