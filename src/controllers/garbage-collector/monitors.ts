import type { KubernetesObject } from '../../api/contract.ts';
import { discover, type ServedResource } from '../../client/discovery.ts';
import { Informer } from '../../client/informer.ts';
import { metadataOnly, type Resource } from '../../client/resource.ts';
import type { ControllerContext } from '../contract.ts';
import type { OwnerGraph } from './graph.ts';
import { aborted } from '../../machinery/aborted.ts';

/** Upstream's: how often resources are discovered anew. */
const periodMs = 30_000;

interface Monitor {
  readonly informer: Informer<KubernetesObject>;
  readonly stop: AbortController;
}

/** Watches the metadata of every object of every resource that can be deleted, and keeps the graph by it. */
export class Monitors {
  readonly #context: ControllerContext;
  readonly #graph: OwnerGraph;
  readonly #monitors = new Map<string, Monitor>();
  readonly #running = new Set<Promise<void>>();
  #resources: readonly ServedResource[] = [];

  constructor(context: ControllerContext, graph: OwnerGraph) {
    this.#context = context;
    this.#graph = graph;
  }

  /** Runs until the signal aborts; `synced` is called once all that there was at the start is in the graph. */
  async run(signal: AbortSignal, synced: () => void): Promise<void> {
    const { clock, log } = this.#context;
    let isFirst = true;
    while (!signal.aborted) {
      try {
        await this.#sync(signal);
        const all = Promise.all([...this.#monitors.values()].map(({ informer }) => informer.synced));
        await Promise.race([all, aborted(signal)]);
        if (isFirst && !signal.aborted) synced();
        isFirst = false;
      } catch (error) {
        if (!signal.aborted) log.error('Failed to discover what to collect', error);
      }
      await clock.sleep(periodMs, signal).catch(() => {});
    }
    for (const { stop } of this.#monitors.values()) stop.abort();
    await Promise.all(this.#running);
  }

  /** The resource whose objects are of a kind, whatever version a reference names. */
  resourceOf(apiVersion: string, kind: string): Resource | undefined {
    const slash = apiVersion.indexOf('/');
    const group = apiVersion.slice(0, Math.max(0, slash));
    const served = this.#resources.filter((one) => one.group === group && one.kind === kind);
    return served.find(({ version }) => version === apiVersion.slice(slash + 1)) ?? served[0];
  }

  async #sync(signal: AbortSignal): Promise<void> {
    this.#resources = await discover(this.#context.client.rest);
    const wanted = new Map<string, ServedResource>();
    for (const resource of this.#resources) {
      const { group, plural, verbs } = resource;
      const key = `${plural}.${group}`;
      // Events refer to what they are about; they go by themselves.
      if (plural === 'events' || wanted.has(key)) continue;
      if (['delete', 'list', 'watch'].every((verb) => verbs.includes(verb))) wanted.set(key, resource);
    }
    for (const [key, { stop }] of this.#monitors) {
      if (wanted.has(key)) continue;
      stop.abort();
      this.#monitors.delete(key);
    }
    for (const [key, resource] of wanted) {
      if (!this.#monitors.has(key)) this.#monitors.set(key, this.#start(resource, signal));
    }
  }

  #start(resource: ServedResource, signal: AbortSignal): Monitor {
    const { client, clock, random, log } = this.#context;
    const informer = new Informer<KubernetesObject>({
      client,
      clock,
      random,
      log,
      resource: metadataOnly(resource),
      transform: essentials,
    });
    const set = (object: KubernetesObject): void => this.#graph.set(resource, object);
    informer.addHandlers({
      added: set,
      updated: (object, old) => {
        // A new object under the name of one whose end was missed.
        if (object.metadata?.uid !== old.metadata?.uid) this.#graph.delete(old.metadata?.uid ?? '');
        set(object);
      },
      deleted: ({ metadata }) => this.#graph.delete(metadata?.uid ?? ''),
    });
    const stop = new AbortController();
    const running = informer.run(AbortSignal.any([stop.signal, signal])).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return { informer, stop };
  }
}

/** What the graph needs of an object: the rest is not kept. */
function essentials({ metadata = {} }: KubernetesObject): KubernetesObject {
  const { uid, name, namespace, resourceVersion, deletionTimestamp, finalizers, ownerReferences } = metadata;
  return {
    metadata: {
      ...(uid === undefined ? {} : { uid }),
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
  };
}
