import type { Container, ContainerStatus, Probe } from '../../api/types/core.v1.ts';
import type { Clock, Timer } from '../../machinery/clock.ts';
import type { ProbeResult, ProbeType } from '../contract.ts';
import type { Prober } from './contract.ts';

export type Outcome = 'success' | 'failure';

export interface ProbeWorkerOptions {
  readonly type: ProbeType;
  readonly container: Container;
  readonly probe: Probe;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly runtimeName: string;
  podIP(): string;
  /** A threshold was passed. */
  onOutcome(): void;
  /** One try, for events. */
  onTry(result: ProbeResult): void;
  onError(error: unknown): void;
}

/** Upstream's defaults are in the object already; these stand for a Probe that was never defaulted. */
const defaultPeriodSeconds = 10;
const defaultFailureThreshold = 3;

/** Made once: an abort without a reason makes an exception with its stack each time. */
const ended = new Error('the probe has ended');

/** Asks one container one question, again and again, while it runs. */
export class ProbeWorker {
  readonly #options: ProbeWorkerOptions;
  #containerId = '';
  #outcome: Outcome | undefined;
  #last: Outcome | undefined;
  #run = 0;
  /** It has failed: nothing more is asked before there is a new container. */
  #onHold = false;
  #timer: Timer | undefined;
  #asking: AbortController | undefined;

  constructor(options: ProbeWorkerOptions) {
    this.#options = options;
  }

  /** What is known of the container with this id. */
  outcomeOf(containerId: string): Outcome | undefined {
    return containerId === this.#containerId ? this.#outcome : undefined;
  }

  /** Looks at what became of the container; begins to ask, or ends. */
  update(status: ContainerStatus | undefined): void {
    const id = status?.containerID?.slice(this.#options.runtimeName.length + '://'.length) ?? '';
    if (id === '') return;
    if (id !== this.#containerId) this.#reset(id);
    const isAsked = this.#options.type === 'startup' ? status?.started !== true : status?.started === true;
    const startedAt = status?.state?.running?.startedAt;
    if (startedAt === undefined || !isAsked || this.#onHold) {
      this.stop();
      if (status?.state?.running === undefined && status?.state !== undefined) this.#outcome = 'failure';
      return;
    }
    if (this.#timer !== undefined || this.#asking !== undefined) return;
    const { probe, clock } = this.#options;
    const notBeforeMs = Date.parse(startedAt ?? '') + (probe.initialDelaySeconds ?? 0) * 1000;
    this.#ask(Math.max(0, notBeforeMs - clock.now()));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#asking?.abort(ended);
    this.#asking = undefined;
  }

  #reset(id: string): void {
    this.stop();
    this.#containerId = id;
    // Until it is known: alive, not ready, not started.
    this.#outcome =
      this.#options.type === 'liveness' ? 'success' : this.#options.type === 'readiness' ? 'failure' : undefined;
    this.#last = undefined;
    this.#run = 0;
    this.#onHold = false;
  }

  #ask(delayMs: number): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#try();
    }, delayMs);
  }

  async #try(): Promise<void> {
    const { type, container, probe, prober, clock, podIP, onTry, onError } = this.#options;
    const periodMs = (probe.periodSeconds ?? defaultPeriodSeconds) * 1000;
    const asking = new AbortController();
    this.#asking = asking;
    const startMs = clock.monotonicMs();
    try {
      const target = { containerId: this.#containerId, podIP: podIP() };
      const answer = await prober.probe(type, target, container, probe, asking.signal);
      if (asking.signal.aborted) return;
      onTry(answer);
      this.#take(answer.result === 'failure' ? 'failure' : 'success');
    } catch (error) {
      if (asking.signal.aborted) return;
      onError(error);
    }
    this.#asking = undefined;
    if (!this.#onHold) this.#ask(Math.max(0, periodMs - (clock.monotonicMs() - startMs)));
  }

  #take(outcome: Outcome): void {
    const { type, probe, onOutcome } = this.#options;
    this.#run = this.#last === outcome ? this.#run + 1 : 1;
    this.#last = outcome;
    const threshold =
      outcome === 'failure' ? (probe.failureThreshold ?? defaultFailureThreshold) : (probe.successThreshold ?? 1);
    if (this.#run < threshold) return;
    if (outcome === 'failure' && type !== 'readiness') {
      this.#onHold = true;
      this.#run = 0;
    }
    if (this.#outcome === outcome) return;
    this.#outcome = outcome;
    onOutcome();
  }
}
