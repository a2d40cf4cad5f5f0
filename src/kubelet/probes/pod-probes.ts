import { isSidecar } from '../../api/core/pod-resources.ts';
import type { Container, Pod, PodStatus, Probe } from '../../api/types/core.v1.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { ProbeResult, ProbeType } from '../contract.ts';
import type { ProbeResults } from '../pods/actions.ts';
import { containerReference } from '../pods/pod-names.ts';
import { messageOf } from '../pods/start-failure.ts';
import type { Readiness } from '../status/container-statuses.ts';
import type { Prober } from './contract.ts';
import { ProbeWorker, type Outcome } from './probe-worker.ts';

export interface PodProbesOptions {
  readonly prober: Prober;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly runtimeName: string;
  /** Something about the Pod's containers has become known. */
  onChange(): void;
}

const types: readonly ProbeType[] = ['startup', 'liveness', 'readiness'];
const titles: Readonly<Record<ProbeType, string>> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
};

/** The probes of one Pod. */
export class PodProbes implements Readiness, ProbeResults {
  readonly #options: PodProbesOptions;
  readonly #workers = new Map<string, ProbeWorker>();
  readonly #names: readonly string[];
  #podIP = '';
  #hasEnded = false;

  constructor(pod: Pod, options: PodProbesOptions) {
    this.#options = options;
    const { spec } = pod;
    const probed = [...(spec.initContainers ?? []).filter(isSidecar), ...(spec.containers ?? [])];
    for (const container of probed) this.#add(pod, container);
    this.#names = this.#workers.size === 0 ? [] : probed.map(({ name }) => name);
  }

  /** Looks at the Pod's containers as they are now. */
  update({ podIP = '', initContainerStatuses = [], containerStatuses = [] }: PodStatus): void {
    if (this.#workers.size === 0 || this.#hasEnded) return;
    this.#podIP = podIP;
    const statuses = [...containerStatuses, ...initContainerStatuses];
    for (const name of this.#names) {
      const status = statuses.find((candidate) => candidate.name === name);
      for (const type of types) this.#workers.get(`${type}/${name}`)?.update(status);
    }
  }

  /** A Pod that ends is no longer asked whether it is alive, but still whether it is ready. */
  stopLiveness(): void {
    for (const [key, worker] of this.#workers) {
      if (key.startsWith('readiness/')) continue;
      worker.stop();
      this.#workers.delete(key);
    }
  }

  stop(): void {
    this.#hasEnded = true;
    for (const worker of this.#workers.values()) worker.stop();
  }

  isStarted({ name, startupProbe }: Container, containerId: string): boolean {
    if (startupProbe === undefined) return true;
    const worker = this.#workers.get(`startup/${name}`);
    return worker === undefined || worker.outcomeOf(containerId) === 'success';
  }

  isReady({ name, readinessProbe }: Container, containerId: string): boolean {
    if (readinessProbe === undefined) return true;
    return this.#workers.get(`readiness/${name}`)?.outcomeOf(containerId) === 'success';
  }

  liveness(containerId: string): Outcome | undefined {
    return this.#outcome('liveness/', containerId);
  }

  startup(containerId: string): Outcome | undefined {
    return this.#outcome('startup/', containerId);
  }

  #outcome(prefix: string, containerId: string): Outcome | undefined {
    for (const [key, worker] of this.#workers) {
      const outcome = key.startsWith(prefix) ? worker.outcomeOf(containerId) : undefined;
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  #add(pod: Pod, container: Container): void {
    const { startupProbe, livenessProbe, readinessProbe } = container;
    const probes: Readonly<Record<ProbeType, Probe | undefined>> = {
      startup: startupProbe,
      liveness: livenessProbe,
      readiness: readinessProbe,
    };
    for (const type of types) {
      const probe = probes[type];
      if (probe === undefined) continue;
      const worker = new ProbeWorker({
        ...this.#options,
        type,
        container,
        probe,
        podIP: () => this.#podIP,
        onOutcome: () => this.#options.onChange(),
        onTry: (result) => this.#onTry(pod, container, type, result),
        onError: (error) => this.#onError(pod, container, type, error),
      });
      this.#workers.set(`${type}/${container.name}`, worker);
    }
  }

  #onTry(pod: Pod, container: Container, type: ProbeType, { result, output }: ProbeResult): void {
    if (result === 'success') return;
    const reference = containerReference(pod, container);
    if (result === 'warning') {
      const text = `${titles[type]} probe warning: ${output}`;
      this.#options.events.eventOf(reference, 'Warning', 'ProbeWarning', text);
      return;
    }
    this.#options.events.eventOf(reference, 'Warning', 'Unhealthy', `${titles[type]} probe failed: ${output}`);
  }

  #onError(pod: Pod, container: Container, type: ProbeType, error: unknown): void {
    const text = `${titles[type]} probe errored and resulted in unknown state: ${messageOf(error)}`;
    this.#options.events.eventOf(containerReference(pod, container), 'Warning', 'Unhealthy', text);
  }
}
