import type { Endpoints, Pod, Service } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { namespaceIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf, splitKey } from '../../client/resource.ts';
import { endpoints, pods, services } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { TriggerTimes, triggerTimeAnnotation } from '../endpoint-slice/trigger-times.ts';
import { isNamespaceTerminating } from '../pods/pod-control.ts';
import { subsetsOf, truncated } from './subsets.ts';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const headlessLabel = 'service.kubernetes.io/headless';
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

/** Tells in Endpoints, the older form of EndpointSlices, which Pods serve a Service. */
export class EndpointsController implements Controller {
  readonly #context: ControllerContext;
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #triggerTimes = new TriggerTimes();
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('endpoint'),
      workers: context.options.concurrentSyncs.endpoint,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#services = context.informers.of(services);
    this.#pods = context.informers.of(pods);
    this.#endpoints = context.informers.of(endpoints);
    const changed = (object: Service | Endpoints): void =>
      this.#loop.enqueue(keyOf(object), object.metadata.resourceVersion);
    this.#services.addHandlers({ added: changed, updated: changed, deleted: changed });
    this.#endpoints.addHandlers({ deleted: changed });
    this.#pods.addHandlers({
      added: (pod) => this.#podChanged(pod),
      updated: (pod, old) => {
        this.#podChanged(pod);
        if (!semanticDeepEqual(pod.metadata.labels, old.metadata.labels)) this.#podChanged(old);
      },
      deleted: (pod) => this.#podChanged(pod),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#services.synced, this.#pods.synced, this.#endpoints.synced]);
    // What is left of Services that went while nobody looked.
    for (const object of this.#endpoints.lister.values()) this.#loop.enqueue(keyOf(object));
    await this.#loop.run(signal);
  }

  #podChanged({ metadata: { namespace = '', labels, resourceVersion } }: Pod): void {
    const { endpointUpdatesBatchPeriodMs: batchMs } = this.#context.options;
    for (const service of this.#services.lister.byIndex(namespaceIndex, namespace)) {
      const { selector } = service.spec ?? {};
      if (selector === undefined || !LabelSelector.fromLabels(selector).matches(labels)) continue;
      if (batchMs > 0) this.#loop.enqueueAfter(keyOf(service), batchMs);
      else this.#loop.enqueue(keyOf(service), resourceVersion);
    }
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const service = this.#services.lister.get(key);
    const existing = this.#endpoints.lister.get(key);
    if (service === undefined) {
      this.#triggerTimes.forget(key);
      // Endpoints that nobody's Service has are left to who made them.
      if (existing?.metadata.labels?.[managedByLabel] === 'endpoint-controller') await this.#remove(key, client);
      return;
    }
    const { spec } = service;
    if (spec?.type === 'ExternalName' || spec?.selector === undefined) return;
    const selector = LabelSelector.fromLabels(spec.selector);
    const chosen = this.#pods.lister
      .byIndex(namespaceIndex, service.metadata.namespace ?? '')
      .filter((pod) => selector.matches(pod.metadata.labels));
    const triggerTime = this.#triggerTimes.observe(key, service, chosen);
    const { subsets, isOverCapacity } = truncated(subsetsOf(service, chosen));
    const labels = {
      ...service.metadata.labels,
      ...(spec.clusterIP === 'None' ? { [headlessLabel]: '' } : {}),
      [managedByLabel]: 'endpoint-controller',
    };
    const isCurrent =
      existing !== undefined &&
      semanticDeepEqual(existing.subsets ?? [], subsets) &&
      semanticDeepEqual(existing.metadata.labels, labels) &&
      (existing.metadata.annotations?.[overCapacityAnnotation] === 'truncated') === isOverCapacity;
    if (isCurrent || service.metadata.deletionTimestamp !== undefined) return;
    const {
      [overCapacityAnnotation]: _over,
      [triggerTimeAnnotation]: _trigger,
      ...others
    } = existing?.metadata.annotations ?? {};
    const annotations = {
      ...others,
      ...(isOverCapacity ? { [overCapacityAnnotation]: 'truncated' } : {}),
      ...(triggerTime === undefined ? {} : { [triggerTimeAnnotation]: triggerTime }),
    };
    await this.#write(service, existing, { labels, annotations }, subsets, client);
  }

  async #write(
    service: Service,
    existing: Endpoints | undefined,
    metadata: Pick<Endpoints['metadata'], 'labels' | 'annotations'>,
    subsets: Endpoints['subsets'],
    client: Client,
  ): Promise<void> {
    const { name = '', namespace = '' } = service.metadata;
    const content = subsets === undefined ? {} : { subsets };
    try {
      if (existing === undefined) {
        await client.create(endpoints, { metadata: { name, namespace, ...metadata }, ...content });
      } else
        await client.update(endpoints, { ...existing, metadata: { ...existing.metadata, ...metadata }, ...content });
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'AlreadyExists')) {
        const text = error instanceof Error ? error.message : String(error);
        const [reason, verb] =
          existing === undefined ? ['FailedToCreateEndpoint', 'create'] : ['FailedToUpdateEndpoint', 'update'];
        const message = `Failed to ${verb} endpoint for service ${namespace}/${name}: ${text}`;
        this.#context.recorder.event(services, service, 'Warning', reason, message);
      }
      throw error;
    }
  }

  async #remove(key: string, client: Client): Promise<void> {
    const { namespace, name } = splitKey(key);
    await client.delete(endpoints, namespace, name).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error;
    });
  }
}
