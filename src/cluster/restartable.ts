/** A component that may be stopped and started again, as a process of its own may be. */
export class Restartable {
  readonly #run: (signal: AbortSignal) => Promise<void>;
  #current: { readonly stop: AbortController; readonly running: Promise<void> } | undefined;

  /** @param run Runs a new one until the signal aborts; rejects when it fails. */
  constructor(run: (signal: AbortSignal) => Promise<void>) {
    this.#run = run;
  }

  get isRunning(): boolean {
    return this.#current !== undefined;
  }

  /** Nothing when it runs. */
  start(): void {
    if (this.#current !== undefined) return;
    const stop = new AbortController();
    const running = this.#run(stop.signal);
    // Awaited in `stop`: it may fail before.
    running.catch(() => {});
    this.#current = { stop, running };
  }

  /** Resolves when it has come to rest; rejects when it had failed. Nothing when it does not run. */
  async stop(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    current.stop.abort(new Error('the component stops'));
    await current.running;
  }
}
