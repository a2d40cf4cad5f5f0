import type { Clock, Timer } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import { podUidLabel, type RuntimeService } from './contract.ts';

/** Upstream's `genericPlegRelistPeriod`. */
const relistMs = 1000;

/** Finds out which Pods changed by asking the runtime for everything again and again: for one that does not tell. */
export class RelistingEvents {
  readonly #runtime: RuntimeService;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** What each Pod had last, as one text. */
  #states = new Map<string, string>();
  #timer: Timer | undefined;
  #hasEnded = false;

  constructor(runtime: RuntimeService, clock: Clock, log: Logger) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#log = log;
  }

  /** Returns what ends it. */
  start(listener: (podUid: string) => void): () => void {
    this.#arm(listener);
    return () => {
      this.#hasEnded = true;
      this.#timer?.cancel();
    };
  }

  #arm(listener: (podUid: string) => void): void {
    if (this.#hasEnded) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#relist(listener)
        .catch((error: unknown) => this.#log.v(2)?.info('The runtime could not be asked', { error: String(error) }))
        .finally(() => this.#arm(listener));
    }, relistMs);
  }

  async #relist(listener: (podUid: string) => void): Promise<void> {
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandbox({}),
      this.#runtime.listContainers({}),
    ]);
    const states = new Map<string, string>();
    for (const { id, state, labels } of [...sandboxes, ...containers]) {
      const uid = labels[podUidLabel];
      if (uid !== undefined) states.set(uid, `${states.get(uid) ?? ''}${id}=${state};`);
    }
    const before = this.#states;
    this.#states = states;
    for (const [uid, state] of states) if (before.get(uid) !== state) listener(uid);
    for (const uid of before.keys()) if (!states.has(uid)) listener(uid);
  }
}
