import type { Node, Pod, Service } from '../../api/types/core.v1.ts';
import type { EndpointSlice } from '../../api/types/discovery.v1.ts';
import type { Client } from '../../client/client.ts';
import { namespaceIndex } from '../../client/indexer.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { endpointSlices, nodes, pods, services } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { controllerOf, controllerReferenceTo } from '../owner.ts';
import { isNamespaceTerminating } from '../pods/pod-control.ts';
import {
  addressesOf,
  addressTypesOf,
  endpointOf,
  endpointPortsOf,
  mayServe,
  withHints,
  type AddressType,
} from './pod-endpoints.ts';
import { planSlices, portsKey, type PortGroup } from './slice-plan.ts';
import { TriggerTimes, triggerTimeAnnotation } from './trigger-times.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslice-controller.k8s.io';
const headlessLabel = 'service.kubernetes.io/headless';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Tells in EndpointSlices which Pods serve a Service. */
export class EndpointSliceController implements Controller {
  readonly #context: ControllerContext;
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #triggerTimes = new TriggerTimes();
  readonly #loop: ReconcileLoop;
  /** By Service: the revision of the last write of a slice. Before it is seen, a decision would be made twice. */
  readonly #written = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('endpoint_slice'),
      workers: context.options.concurrentSyncs.serviceEndpoint,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#services = context.informers.of(services);
    this.#pods = context.informers.of(pods);
    this.#nodes = context.informers.of(nodes);
    this.#slices = context.informers.of(endpointSlices);
    const serviceChanged = (service: Service): void =>
      this.#loop.enqueue(keyOf(service), service.metadata.resourceVersion);
    this.#services.addHandlers({ added: serviceChanged, updated: serviceChanged, deleted: serviceChanged });
    this.#pods.addHandlers({
      added: (pod) => this.#podChanged(pod),
      updated: (pod, old) => {
        this.#podChanged(pod);
        if (!semanticDeepEqual(pod.metadata.labels, old.metadata.labels)) this.#podChanged(old);
      },
      deleted: (pod) => this.#podChanged(pod),
    });
    const sliceChanged = ({ metadata }: EndpointSlice): void => {
      if (metadata.labels?.[managedByLabel] !== manager) return;
      this.#loop.enqueue(`${metadata.namespace ?? ''}/${metadata.labels[serviceNameLabel] ?? ''}`);
    };
    this.#slices.addHandlers({ added: sliceChanged, updated: sliceChanged, deleted: sliceChanged });
    this.#nodes.addHandlers({
      added: (node) => this.#zoneChanged(node),
      updated: (node, old) => {
        if (!semanticDeepEqual(node.metadata.labels, old.metadata.labels)) this.#zoneChanged(node);
      },
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#services.synced, this.#pods.synced, this.#nodes.synced, this.#slices.synced]);
    await this.#loop.run(signal);
  }

  #podChanged(pod: Pod): void {
    const { namespace = '', labels, resourceVersion } = pod.metadata;
    const { endpointSliceUpdatesBatchPeriodMs: batchMs } = this.#context.options;
    for (const service of this.#services.lister.byIndex(namespaceIndex, namespace)) {
      const { selector } = service.spec ?? {};
      if (selector === undefined || !LabelSelector.fromLabels(selector).matches(labels)) continue;
      if (batchMs > 0) this.#loop.enqueueAfter(keyOf(service), batchMs);
      else this.#loop.enqueue(keyOf(service), resourceVersion);
    }
  }

  /** Endpoints tell the zone of their node. */
  #zoneChanged({ metadata }: Node): void {
    for (const pod of this.#pods.lister.values()) if (pod.spec.nodeName === metadata.name) this.#podChanged(pod);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const service = this.#services.lister.get(key);
    if (service === undefined) {
      this.#triggerTimes.forget(key);
      this.#written.delete(key);
      return;
    }
    // The slice that was written comes through the informer, and this Service with it.
    if (Number(this.#slices.resourceVersion) < (this.#written.get(key) ?? 0)) return;
    const { spec, metadata } = service;
    // Without a selector its endpoints are somebody else's to tell.
    if (spec?.type === 'ExternalName' || spec?.selector === undefined) return;
    const namespace = metadata.namespace ?? '';
    const selector = LabelSelector.fromLabels(spec.selector);
    const chosen = this.#pods.lister
      .byIndex(namespaceIndex, namespace)
      .filter((pod) => selector.matches(pod.metadata.labels));
    const slices = this.#slices.lister
      .byIndex(namespaceIndex, namespace)
      .filter(
        ({ metadata: { labels, deletionTimestamp } }) =>
          labels?.[serviceNameLabel] === metadata.name &&
          labels?.[managedByLabel] === manager &&
          deletionTimestamp === undefined,
      );
    const triggerTime = this.#triggerTimes.observe(key, service, chosen);
    const types = addressTypesOf(service);
    for (const type of types) await this.#reconcileType(service, chosen, slices, type, triggerTime, client);
    for (const slice of slices) {
      if (!types.includes(slice.addressType as AddressType)) await this.#remove(slice, client);
    }
  }

  async #reconcileType(
    service: Service,
    chosen: readonly Pod[],
    slices: readonly EndpointSlice[],
    type: AddressType,
    triggerTime: string | undefined,
    client: Client,
  ): Promise<void> {
    const groups = new Map<string, { ports: PortGroup['ports']; endpoints: PortGroup['endpoints'][number][] }>();
    for (const pod of chosen) {
      if (!mayServe(pod) || addressesOf(pod, type).length === 0) continue;
      const ports = endpointPortsOf(service, pod);
      const key = portsKey(ports);
      const group = groups.get(key) ?? { ports, endpoints: [] };
      const node = this.#nodes.lister.get(pod.spec.nodeName ?? '');
      group.endpoints.push(withHints(endpointOf(pod, service, node, type), service));
      groups.set(key, group);
    }
    const existing = slices.filter(({ addressType }) => addressType === type);
    // A Service without endpoints says so in one empty slice.
    if (groups.size === 0) {
      const [kept] = existing;
      const ports = kept === undefined || (kept.endpoints ?? []).length > 0 ? [] : (kept.ports ?? []);
      groups.set(portsKey(ports), { ports, endpoints: [] });
    }
    const metadata = sliceMetadata(service);
    const isCurrent = (slice: EndpointSlice): boolean =>
      semanticDeepEqual(slice.metadata.labels, metadata.labels) &&
      semanticDeepEqual(withoutTrigger(slice.metadata.annotations), metadata.annotations) &&
      controllerOf(slice)?.uid === service.metadata.uid;
    const { maxEndpointsPerSlice } = this.#context.options;
    const { create, update, remove } = planSlices(existing, groups, maxEndpointsPerSlice, isCurrent);
    const isEmpty = [...groups.values()].every(({ endpoints }) => endpoints.length === 0);
    const [only] = groups.values();
    const made: readonly PortGroup[] =
      isEmpty && only !== undefined && create.length === 0 && existing.length === remove.length ? [only] : create;
    const trigger = triggerTime === undefined ? {} : { [triggerTimeAnnotation]: triggerTime };
    const annotations = { ...metadata.annotations, ...trigger };
    if (service.metadata.deletionTimestamp === undefined) {
      for (const { ports, endpoints } of made) {
        const { name = '', namespace = '' } = service.metadata;
        const slice: EndpointSlice = {
          metadata: {
            ...metadata,
            generateName: `${name}-`,
            namespace,
            annotations,
            ownerReferences: [controllerReferenceTo(services, service)],
          },
          addressType: type,
          endpoints: [...endpoints],
          ports: [...ports],
        };
        try {
          this.#wrote(service, await client.create(endpointSlices, slice));
        } catch (error) {
          if (isNamespaceTerminating(error)) return;
          throw this.#told(service, 'FailedToCreateEndpointSlices', 'create', error);
        }
      }
    }
    for (const slice of update) {
      const updated: EndpointSlice = {
        ...slice,
        metadata: {
          ...slice.metadata,
          labels: metadata.labels,
          annotations,
          ownerReferences: [controllerReferenceTo(services, service)],
        },
      };
      try {
        this.#wrote(service, await client.update(endpointSlices, updated));
      } catch (error) {
        throw this.#told(service, 'FailedToUpdateEndpointSlices', 'update', error);
      }
    }
    for (const slice of remove) await this.#remove(slice, client);
  }

  #wrote(service: Service, { metadata }: EndpointSlice): void {
    const revision = Number(metadata.resourceVersion);
    this.#written.set(keyOf(service), Math.max(revision, this.#written.get(keyOf(service)) ?? 0));
  }

  /** Tells of a failure in the Service's events; a lost race is none. */
  #told(service: Service, reason: string, verb: string, error: unknown): unknown {
    if (hasReason(error, 'Conflict')) return error;
    const { namespace = '', name = '' } = service.metadata;
    const text = error instanceof Error ? error.message : String(error);
    const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: failed to ${verb} EndpointSlice for Service ${namespace}/${name}: ${text}`;
    this.#context.recorder.event(services, service, 'Warning', reason, message);
    return error;
  }

  async #remove({ metadata: { namespace, name = '' } }: EndpointSlice, client: Client): Promise<void> {
    await client.delete(endpointSlices, namespace, name).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error;
    });
  }
}

function withoutTrigger(annotations: Record<string, string> | undefined): Record<string, string> {
  const { [triggerTimeAnnotation]: _, ...others } = annotations ?? {};
  return others;
}

/** What every slice of a Service has of it. */
function sliceMetadata({ metadata, spec }: Service): {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
} {
  const { [lastApplied]: _, ...annotations } = withoutTrigger(metadata.annotations);
  const isHeadless = spec?.clusterIP === 'None';
  return {
    labels: {
      ...metadata.labels,
      ...(isHeadless ? { [headlessLabel]: '' } : {}),
      [serviceNameLabel]: metadata.name ?? '',
      [managedByLabel]: manager,
    },
    annotations,
  };
}
