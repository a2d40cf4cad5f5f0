/** One whole cluster for the tests of a file: controllers, a scheduler and simulated nodes, on the virtual clock. */
import { after, before } from 'node:test';
import type { KubernetesObject } from '../../src/api/contract.ts';
import type { Pod } from '../../src/api/types/core.v1.ts';
import type { DeleteOptions } from '../../src/api/types/meta.v1.ts';
import type { Client, ListOptions } from '../../src/client/client.ts';
import type { Resource } from '../../src/client/resource.ts';
import { namespaces, pods, serviceAccounts } from '../../src/client/resources.ts';
import { Cluster, type ClusterOptions } from '../../src/cluster/cluster.ts';

const stepSeconds = 1;
const defaultWithinSeconds = 120;

export interface RunningCluster {
  readonly cluster: Cluster;
  readonly client: Client;
  /** Aborted after the tests. */
  readonly signal: AbortSignal;
  /** A namespace of its own, in which Pods can be made. */
  newSpace(): Promise<Space>;
  /** Moves the clock until the answer is yes; throws with `what` when it stays no for so long. */
  until(what: string, condition: () => Promise<boolean>, withinSeconds?: number): Promise<void>;
}

/** What a test does to the objects of one namespace. */
export class Space {
  readonly namespace: string;
  readonly #running: RunningCluster;

  constructor(running: RunningCluster, namespace: string) {
    this.#running = running;
    this.namespace = namespace;
  }

  create<T extends KubernetesObject>(resource: Resource<T>, object: T): Promise<T> {
    const metadata = { ...object.metadata, namespace: this.namespace };
    return this.#running.client.create(resource, { ...object, metadata });
  }

  get<T extends KubernetesObject>(resource: Resource<T>, name: string): Promise<T> {
    return this.#running.client.get(resource, this.namespace, name);
  }

  async list<T extends KubernetesObject>(resource: Resource<T>, options: ListOptions = {}): Promise<T[]> {
    return (await this.#running.client.list(resource, this.namespace, options)).items;
  }

  /** A strategic merge patch. */
  patch<T extends KubernetesObject>(
    resource: Resource<T>,
    name: string,
    patch: unknown,
    subresource?: string,
  ): Promise<T> {
    const options = subresource === undefined ? {} : { subresource };
    return this.#running.client.patch(resource, this.namespace, name, 'strategic', patch, options);
  }

  scale<T extends KubernetesObject>(resource: Resource<T>, name: string, replicas: number): Promise<T> {
    const options = { subresource: 'scale' };
    return this.#running.client.patch(resource, this.namespace, name, 'merge', { spec: { replicas } }, options);
  }

  delete<T extends KubernetesObject>(
    resource: Resource<T>,
    name: string,
    options: DeleteOptions = {},
  ): Promise<unknown> {
    return this.#running.client.delete(resource, this.namespace, name, options);
  }

  /** The Pods that are not on their way out, by name. */
  async pods(labelSelector = ''): Promise<Pod[]> {
    const all = await this.list(pods, labelSelector === '' ? {} : { labelSelector });
    return all.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  }

  /** Waits until there are so many Pods, all ready and none on its way out, and returns them. */
  async readyPods(count: number, labelSelector = ''): Promise<Pod[]> {
    let last: Pod[] = [];
    await this.#running.until(`${count} Pods of ${this.namespace} are ready`, async () => {
      last = await this.list(pods, labelSelector === '' ? {} : { labelSelector });
      return last.length === count && last.every((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
    });
    return last;
  }

  /** Gathers what happens to the objects of a resource from now on, as `ADDED name`, until the tests end. */
  async record<T extends KubernetesObject>(resource: Resource<T>): Promise<string[]> {
    const { client, signal } = this.#running;
    const { metadata } = await client.list(resource, this.namespace);
    const query = { resourceVersion: metadata.resourceVersion ?? '' };
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { type, object } of client.watch(resource, this.namespace, query, signal)) {
        seen.push(`${type} ${(object as KubernetesObject).metadata?.name ?? ''}`);
      }
    };
    read().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return seen;
  }

  /** Whether there is no such object any more. */
  async isGone<T extends KubernetesObject>(resource: Resource<T>, name: string): Promise<boolean> {
    return (await this.list(resource)).every(({ metadata }) => metadata?.name !== name);
  }
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

export function nameOf({ metadata }: KubernetesObject): string {
  return metadata?.name ?? '';
}

export function namesOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(nameOf).toSorted();
}

/** Starts a cluster before the tests of the file that calls this, and ends it after them. */
export function startRunningCluster(options: ClusterOptions = {}): RunningCluster {
  let started: Cluster | undefined;
  let spaces = 0;
  const ended = new AbortController();
  before(async () => {
    started = await Cluster.start({ nodes: 3, clock: 'virtual', seed: 'conformance', ...options });
  });
  after(async () => {
    ended.abort();
    await started?.stop();
  });
  const running: RunningCluster = {
    get cluster() {
      if (started === undefined) throw new Error('the cluster does not run yet');
      return started;
    },
    get client() {
      return running.cluster.client;
    },
    signal: ended.signal,
    newSpace: async () => {
      const name = `conformance-${++spaces}`;
      const space = new Space(running, name);
      await running.client.create(namespaces, { metadata: { name }, spec: {} });
      await running.until('Pods can be made', async () => (await space.list(serviceAccounts)).length > 0);
      return space;
    },
    until: async (what, condition, withinSeconds = defaultWithinSeconds) => {
      for (let seconds = 0; ; seconds += stepSeconds) {
        await running.cluster.advance('0s');
        if (await condition()) return;
        if (seconds >= withinSeconds) throw new Error(`after ${withinSeconds} s it is still not so: ${what}`);
        await running.cluster.advance(`${stepSeconds}s`);
      }
    },
  };
  return running;
}
