import type { KubernetesObject } from '../../api/contract.ts';
import type { CountedResource } from '../../api/quota/evaluator.ts';
import { discover } from '../../client/discovery.ts';
import { Informer, type InformerHandlers } from '../../client/informer.ts';
import { metadataOnly, type Resource } from '../../client/resource.ts';
import { persistentVolumeClaims, pods, resourceClaims, services } from '../../client/resources.ts';
import type { ControllerContext } from '../contract.ts';

/** Those of which more counts than that they are there. */
const measured: readonly Resource<KubernetesObject>[] = [pods, services, persistentVolumeClaims, resourceClaims];

/** Looks at the objects of such kinds as some quota names, from then on. */
export class CountedObjects {
  readonly #context: ControllerContext;
  readonly #informers = new Map<string, Informer<KubernetesObject>>();
  readonly #running: Promise<void>[] = [];
  readonly #handlersOf: (kind: CountedResource) => InformerHandlers<KubernetesObject>;

  constructor(context: ControllerContext, handlersOf: (kind: CountedResource) => InformerHandlers<KubernetesObject>) {
    this.#context = context;
    this.#handlersOf = handlersOf;
  }

  /** Undefined: the server serves no such kind, or none that can be counted. */
  async of(kind: CountedResource, signal: AbortSignal): Promise<Informer<KubernetesObject> | undefined> {
    const key = `${kind.resource}.${kind.group}`;
    const known = this.#informers.get(key) ?? (await this.#create(kind, signal));
    // Another may have looked for it at the same time.
    const informer = this.#informers.get(key) ?? known;
    if (informer === undefined || this.#informers.has(key)) return informer;
    this.#informers.set(key, informer);
    informer.addHandlers(this.#handlersOf(kind));
    if (!measured.some((one) => isOf(one, kind))) this.#running.push(informer.run(signal));
    return informer;
  }

  /** Resolves when nothing is looked at any more, after the signal aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #create(kind: CountedResource, signal: AbortSignal): Promise<Informer<KubernetesObject> | undefined> {
    const { informers, client, clock, random, log } = this.#context;
    const own = measured.find((one) => isOf(one, kind));
    if (own !== undefined) return informers.of(own);
    const served = (await discover(client.rest)).find(
      (one) => isOf(one, kind) && one.namespaced && one.verbs.includes('watch') && one.verbs.includes('list'),
    );
    if (served === undefined || signal.aborted) return undefined;
    return new Informer({ client, clock, random, log, resource: metadataOnly(served) });
  }
}

function isOf({ group, plural }: Pick<Resource, 'group' | 'plural'>, kind: CountedResource): boolean {
  return group === kind.group && plural === kind.resource;
}
