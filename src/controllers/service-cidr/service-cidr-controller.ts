import type { IPAddress, ServiceCIDR } from '../../api/types/networking.v1.ts';
import type { Condition } from '../../api/types/meta.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { ipAddresses, serviceCIDRs } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { CIDR } from '../../machinery/cidr.ts';
import { parseIP } from '../../machinery/ip-address.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Controller, ControllerContext } from '../contract.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
/** By whom the addresses of Services are kept. */
const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
const allocator = 'ipallocator.k8s.io';
/** So long a server may still give addresses of a range that is being deleted: upstream's deletionGracePeriod. */
const deletionGraceMs = 10_000;

/** Says of each range for Services that it may be used, and lets none go whose addresses would be left without (KEP-1880). */
export class ServiceCIDRController implements Controller {
  readonly #context: ControllerContext;
  readonly #ranges: Informer<ServiceCIDR>;
  readonly #addresses: Informer<IPAddress>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('servicecidrs'),
      workers: 5,
      reconcile: (name, cause) => this.#reconcile(name, context.client.causedBy(cause)),
      isNoteworthy: (error) => !hasReason(error, 'Conflict'),
    });
    this.#ranges = context.informers.of(serviceCIDRs);
    this.#addresses = context.informers.of(ipAddresses);
    // What covers another decides whether that one may go.
    const changed = (range: ServiceCIDR): void => {
      this.#enqueue(range, range.metadata.resourceVersion);
      const own = networksOf(range);
      for (const other of this.#ranges.lister.values()) {
        const overlaps = networksOf(other).some((network) => own.some((one) => one.overlaps(network)));
        if (overlaps) this.#enqueue(other, range.metadata.resourceVersion);
      }
    };
    this.#ranges.addHandlers({ added: changed, updated: changed, deleted: changed });
    const addressChanged = ({ metadata }: IPAddress): void => {
      for (const range of this.#containing(metadata.name)) this.#enqueue(range, metadata.resourceVersion);
    };
    this.#addresses.addHandlers({ added: addressChanged, deleted: addressChanged });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#ranges.synced, this.#addresses.synced]);
    await this.#loop.run(signal);
  }

  #enqueue({ metadata }: ServiceCIDR, cause: string | undefined): void {
    this.#loop.enqueue(metadata.name ?? '', cause);
  }

  async #reconcile(name: string, client: Client): Promise<void> {
    const range = this.#ranges.lister.get(name);
    if (range === undefined) return;
    try {
      if (range.metadata.deletionTimestamp === undefined) await this.#keep(range, client);
      else await this.#release(range, client);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  async #keep(range: ServiceCIDR, client: Client): Promise<void> {
    const { name = '', finalizers = [] } = range.metadata;
    if (!finalizers.includes(finalizer)) {
      await client.patch(serviceCIDRs, undefined, name, 'strategic', { metadata: { finalizers: [finalizer] } });
    }
    try {
      await this.#setReady(range, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }, client);
    } catch (error) {
      const message = 'The ServiceCIDR Status can not be set to Ready=True';
      this.#context.recorder.event(serviceCIDRs, range, 'Warning', 'KubernetesServiceCIDRError', message);
      throw error;
    }
  }

  async #release(range: ServiceCIDR, client: Client): Promise<void> {
    const { name = '', finalizers = [], deletionTimestamp = '' } = range.metadata;
    if (!finalizers.includes(finalizer)) return;
    if (!this.#mayGo(range)) {
      const message =
        'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
      await this.#setReady(range, { status: 'False', reason: 'Terminating', message }, client);
      return;
    }
    const leftMs = Date.parse(deletionTimestamp) + deletionGraceMs - this.#context.clock.now();
    if (leftMs > 0) {
      this.#loop.enqueueAfter(name, leftMs);
      return;
    }
    const metadata = { '$deleteFromPrimitiveList/finalizers': [finalizer] };
    await client.patch(serviceCIDRs, undefined, name, 'strategic', { metadata });
  }

  /** Whether every address of the range is in another one too. */
  #mayGo(range: ServiceCIDR): boolean {
    const others = [...this.#ranges.lister.values()].filter(({ metadata }) => metadata.name !== range.metadata.name);
    const networks = networksOf(range);
    const isCovered = networks.every((network) =>
      others.some((other) => networksOf(other).some((one) => covers(one, network))),
    );
    if (isCovered) return true;
    for (const { metadata } of this.#addresses.lister.values()) {
      if (metadata.labels?.[managedByLabel] !== allocator) continue;
      const containing = this.#containing(metadata.name);
      if (containing.length === 1 && containing[0]?.metadata.name === range.metadata.name) return false;
    }
    return true;
  }

  #containing(name = ''): ServiceCIDR[] {
    const address = parseIP(name);
    if (address === undefined) return [];
    return [...this.#ranges.lister.values()].filter((range) =>
      networksOf(range).some((network) => network.contains(address)),
    );
  }

  async #setReady(
    range: ServiceCIDR,
    wanted: Pick<Condition, 'status' | 'reason' | 'message'>,
    client: Client,
  ): Promise<void> {
    const known = range.status?.conditions?.find(({ type }) => type === 'Ready');
    if (known?.status === wanted.status && (known.reason ?? '') === wanted.reason) return;
    const lastTransitionTime =
      known?.status === wanted.status ? known.lastTransitionTime : formatTime(this.#context.clock.now());
    const conditions = [{ type: 'Ready', ...wanted, lastTransitionTime }];
    const { name = '' } = range.metadata;
    const patch = { status: { conditions } };
    await client.patch(serviceCIDRs, undefined, name, 'strategic', patch, { subresource: 'status' });
  }
}

function networksOf({ spec }: ServiceCIDR): CIDR[] {
  return (spec?.cidrs ?? []).flatMap((text) => CIDR.parse(text) ?? []);
}

function covers(outer: CIDR, inner: CIDR): boolean {
  return outer.overlaps(inner) && outer.prefixLength <= inner.prefixLength;
}
