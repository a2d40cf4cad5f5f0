import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { RateLimiter } from '../machinery/rate-limiter.ts';
import { WorkQueue, type WorkQueueObserver } from '../machinery/work-queue.ts';

export interface ReconcileLoopOptions {
  /** Upstream's name of the controller, for its records. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** How many keys are worked on at a time. */
  readonly workers: number;
  readonly observer?: WorkQueueObserver<string>;
  /** How long a key that failed waits; default: upstream's for controllers. */
  readonly rateLimiter?: RateLimiter<string>;
  /**
   * Brings what the key names to its desired state. One that throws is called again later, and later each time.
   * @param cause The newest revision that put the key on the queue; undefined when time did.
   */
  reconcile(key: string, cause: string | undefined): Promise<void>;
  /** Whether an error is worth a line in the log; default: all. A lost race is not. */
  isNoteworthy?(error: unknown): boolean;
}

/** The shape of every controller: events put keys on a queue, workers bring each key to its desired state. */
export class ReconcileLoop {
  readonly queue: WorkQueue<string>;
  readonly #options: ReconcileLoopOptions;
  /** By key that waits. */
  readonly #causes = new Map<string, string>();

  constructor(options: ReconcileLoopOptions) {
    this.#options = options;
    this.queue = new WorkQueue({
      clock: options.clock,
      ...(options.observer === undefined ? {} : { observer: options.observer }),
      ...(options.rateLimiter === undefined ? {} : { rateLimiter: options.rateLimiter }),
    });
  }

  /** @param cause The resourceVersion of the object whose change asks for this. */
  enqueue(key: string, cause?: string): void {
    if (cause !== undefined) this.#causes.set(key, cause);
    this.queue.add(key);
  }

  /** @param cause As `enqueue`. */
  enqueueAfter(key: string, delayMs: number, cause?: string): void {
    if (cause !== undefined) this.#causes.set(key, cause);
    this.queue.addAfter(key, delayMs);
  }

  /** Resolves when the signal has aborted and no key is being worked on. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.queue.shutDown();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await Promise.all(Array.from({ length: this.#options.workers }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { reconcile, name, log, isNoteworthy = () => true } = this.#options;
    for (let key = await this.queue.get(); key !== undefined; key = await this.queue.get()) {
      if (signal.aborted) {
        this.queue.done(key);
        continue;
      }
      const cause = this.#causes.get(key);
      this.#causes.delete(key);
      try {
        await reconcile(key, cause);
        this.queue.forget(key);
      } catch (error) {
        if (signal.aborted) continue;
        if (isNoteworthy(error)) log.v(2)?.info('Reconciling failed', { controller: name, key, error: String(error) });
        // What asked for it is still what asks for it, unless something newer did.
        if (cause !== undefined && !this.#causes.has(key)) this.#causes.set(key, cause);
        this.queue.addRateLimited(key);
      } finally {
        this.queue.done(key);
      }
    }
  }
}
