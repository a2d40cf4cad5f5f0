/** What kubelets would write about Pods, for tests of controllers that need no nodes. */
import type { Pod } from '../api/types/core.v1.ts';
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import { pods } from '../client/resources.ts';
import { Logger } from '../machinery/logging.ts';
import { seededRandom } from '../machinery/random.ts';
import { formatTime } from '../machinery/time.ts';
import type { VirtualControlPlane } from './virtual-control-plane.ts';

/** Writes the status of a running Pod. */
export async function setReady(plane: VirtualControlPlane, pod: Pod, isReady: boolean): Promise<void> {
  const lastTransitionTime = formatTime(plane.clock.now());
  const condition = { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime };
  await writeStatus(plane.client, pod, { phase: 'Running', conditions: [condition] });
}

/**
 * Writes the status of a Pod whose containers have ended, with one exit code.
 * @param exitCode Default: 0, or 1 of one that failed.
 */
export async function setFinished(
  plane: VirtualControlPlane,
  pod: Pod,
  phase: 'Succeeded' | 'Failed',
  exitCode = phase === 'Failed' ? 1 : 0,
): Promise<void> {
  const finishedAt = formatTime(plane.clock.now());
  const containerStatuses = (pod.spec.containers ?? []).map(({ name, image }) => ({
    name,
    image,
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode, finishedAt, reason: exitCode === 0 ? 'Completed' : 'Error' } },
  }));
  await writeStatus(plane.client, pod, { phase, containerStatuses });
}

async function writeStatus(client: Client, { metadata }: Pod, status: object): Promise<void> {
  await client.patch(pods, metadata.namespace, metadata.name ?? '', 'strategic', { status }, { subresource: 'status' });
}

export interface PodRunnerOptions {
  /** Whether a Pod becomes ready; default: every one. */
  readonly becomesReady?: (pod: Pod) => boolean;
}

/** Makes Pods run and ready as soon as they are there, and go as soon as they are deleted. */
export class PodRunner {
  readonly #plane: VirtualControlPlane;
  readonly #options: PodRunnerOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(plane: VirtualControlPlane, options: PodRunnerOptions = {}) {
    this.#plane = plane;
    this.#options = options;
    const { client, clock } = plane;
    const informer = new Informer({ client, clock, random: seededRandom('pods'), log: Logger.silent, resource: pods });
    informer.addHandlers({ added: (pod) => this.#look(pod), updated: (pod) => this.#look(pod) });
    this.#running = informer.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #look(pod: Pod): void {
    const { metadata, status } = pod;
    const work =
      metadata.deletionTimestamp !== undefined
        ? this.#plane.client.delete(pods, metadata.namespace, metadata.name ?? '', { gracePeriodSeconds: 0 })
        : status?.phase === 'Pending' || status?.phase === undefined
          ? setReady(this.#plane, pod, this.#options.becomesReady?.(pod) ?? true)
          : undefined;
    // A Pod that is gone needs no status.
    work?.catch(() => {});
  }
}
