import type { KubernetesObject } from '../../api/contract.ts';
import type { Service, ServiceSpec } from '../../api/types/core.v1.ts';
import type { CIDR } from '../../machinery/cidr.ts';
import { root, type FieldError } from '../../machinery/field-error.ts';
import type { PortRange } from '../../machinery/flags/flag-types.ts';
import type { Random } from '../../machinery/random.ts';
import { internalError, invalid } from '../../machinery/status.ts';
import type { RequestOp } from '../../store/contract.ts';
import type { Registry } from '../registry/registry.ts';
import { kindOf, type ResourceRequest } from '../registry/request.ts';
import type { Alongside, PendingWrite, Reservation, WriteHook } from '../registry/write-hook.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import { AllocationError, canonicalAddress, type IPFamily } from './address-range.ts';
import { allocateClusterIPs } from './cluster-ips.ts';
import { Holdings, holdingOf } from './holdings.ts';
import { ipAddressObject, ipAddressKey, isUnusedAddress, putAddress, removeAddress } from './ip-address-objects.ts';
import { settleFamilies } from './ip-families.ts';
import { isUnusedPort, putPort, readPortRecords, removePort, repairPorts } from './node-port-records.ts';
import { allocateHealthCheckPort, allocateNodePorts, reallocateNodePorts } from './node-ports.ts';
import { NodePortRange } from './port-range.ts';
import { repairAddresses } from './repair.ts';
import { ServiceNetworks } from './service-networks.ts';

export interface ServiceNetwork {
  /** The default family's first; a second one is of the other family. ServiceCIDRs may add more. */
  readonly ranges: readonly CIDR[];
  readonly nodePorts: PortRange;
}

/** Gives every Service its cluster IPs and node ports (upstream's `pkg/registry/core/service/storage`). */
export class ServiceAllocator implements WriteHook {
  readonly group = '';
  readonly resource = 'services';
  readonly #networks: ServiceNetworks;
  readonly #nodePorts: NodePortRange;
  readonly #random: Random;
  #holdings: Holdings | undefined;

  constructor({ ranges, nodePorts }: ServiceNetwork, random: Random) {
    this.#networks = new ServiceNetworks(ranges);
    this.#nodePorts = new NodePortRange(nodePorts);
    this.#random = random;
  }

  async reserve(request: ResourceRequest, write: PendingWrite): Promise<Reservation> {
    const addresses = await cacheOf(request.registry, 'networking.k8s.io', 'ipaddresses');
    this.#networks.follow(await cacheOf(request.registry, 'networking.k8s.io', 'servicecidrs'));
    // No other write comes in between from here on.
    const holdings = (this.#holdings ??= new Holdings(request.cache));
    const service = write.object as Service;
    const spec = (service.spec ??= {});
    const old = (write.old as Service | undefined)?.spec;
    const errors = settleFamilies(spec, old, this.#networks.families);
    if (errors.length > 0) throw refusal(request, service, errors);
    const allocation = new Allocation(
      request,
      service,
      holdings,
      addresses,
      this.#nodePorts,
      this.#networks,
      this.#random,
    );
    try {
      allocation.fill(spec, old);
    } catch (error) {
      allocation.end();
      throw error;
    }
    if (write.dryRun) allocation.end();
    return {
      alongside: (object) => this.#alongside(request, object as Service, old, addresses),
      release: () => allocation.endWhenSeen(),
    };
  }

  /** Makes the IPAddress objects and the records of node ports what the Services say. Rejects with what the store throws. */
  async repair(registry: Registry): Promise<void> {
    const services = await cacheOf(registry, '', 'services');
    const addresses = await cacheOf(registry, 'networking.k8s.io', 'ipaddresses');
    const { store, feed } = registry;
    const ports = await readPortRecords(store);
    // Whatever is recorded was written together with a Service, which the cache has from here on.
    await feed.catchUp();
    const holdings = (this.#holdings ??= new Holdings(services));
    const nowMs = registry.clock.now();
    await repairAddresses({ store, services, addresses, holdings, nowMs, random: this.#random });
    await repairPorts(store, ports, services, holdings);
  }

  removal(request: ResourceRequest, old: CachedObject): readonly RequestOp[] {
    const { spec } = request.cache.form.decode(old.value, old.revision) as Service;
    const { addresses, ports } = holdingOf(spec);
    return [...addresses.map(removeAddress), ...ports.map(removePort)];
  }

  #alongside(
    { registry }: ResourceRequest,
    service: Service,
    old: ServiceSpec | undefined,
    cache: ResourceCache,
  ): Alongside {
    const before = holdingOf(old);
    const after = holdingOf(service.spec);
    const addresses = difference(before.addresses, after.addresses);
    const ports = difference(before.ports, after.ports);
    const made = { nowMs: registry.clock.now(), random: this.#random };
    const { namespace = '', name = '' } = service.metadata;
    return {
      compare: [...addresses.added.map(isUnusedAddress), ...ports.added.map(isUnusedPort)],
      success: [
        ...addresses.added.map((address) => putAddress(cache, ipAddressObject(address, service, made))),
        ...addresses.removed.map(removeAddress),
        ...ports.added.map((port) => putPort(port, `${namespace}/${name}`)),
        ...ports.removed.map(removePort),
      ],
    };
  }
}

function difference<T>(before: readonly T[], after: readonly T[]): { readonly added: T[]; readonly removed: T[] } {
  return {
    added: after.filter((item) => !before.includes(item)),
    removed: before.filter((item) => !after.includes(item)),
  };
}

function cacheOf(registry: Registry, group: string, plural: string): ResourceCache | Promise<ResourceCache> {
  const definition = registry.catalog.find(group, 'v1', plural);
  if (definition === undefined) throw new Error(`no definition of ${plural}`);
  return registry.cacheOf(definition);
}

function refusal(request: ResourceRequest, service: KubernetesObject, errors: readonly FieldError[]): Error {
  return invalid(kindOf(request), service.metadata?.name ?? '', errors);
}

const clusterIPsPath = root('spec').child('clusterIPs');

/** What one write is given. */
class Allocation {
  readonly #request: ResourceRequest;
  readonly #service: Service;
  readonly #holdings: Holdings;
  readonly #addressObjects: ResourceCache;
  readonly #nodePorts: NodePortRange;
  readonly #networks: ServiceNetworks;
  readonly #random: Random;
  readonly #addresses: string[] = [];
  readonly #ports: number[] = [];
  #hasEnded = false;

  constructor(
    request: ResourceRequest,
    service: Service,
    holdings: Holdings,
    addressObjects: ResourceCache,
    nodePorts: NodePortRange,
    networks: ServiceNetworks,
    random: Random,
  ) {
    this.#request = request;
    this.#service = service;
    this.#holdings = holdings;
    this.#addressObjects = addressObjects;
    this.#nodePorts = nodePorts;
    this.#networks = networks;
    this.#random = random;
  }

  fill(spec: ServiceSpec, old: ServiceSpec | undefined): void {
    allocateClusterIPs(spec, old, {
      take: (family, address) => this.#takeAddress(family, address),
      takeAny: (family) => this.#takeAnyAddress(family),
    });
    const ports = {
      take: (port: number) => this.#takePort(port),
      takeAny: () => this.#takeAnyPort(),
    };
    const refuse = (path: ReturnType<typeof root>, port: number, error: unknown): never => {
      if (!(error instanceof AllocationError)) throw error;
      throw refusal(this.#request, this.#service, [path.invalid(port, error.message)]);
    };
    explained('failed to allocate a nodePort', () => {
      if (old === undefined) allocateNodePorts(spec, ports, refuse);
      else reallocateNodePorts(spec, old, ports, refuse);
    });
    const chosen = spec.healthCheckNodePort ?? 0;
    const what =
      chosen === 0
        ? 'failed to allocate a HealthCheck NodePort 0'
        : `failed to allocate requested HealthCheck NodePort ${chosen}`;
    explained(what, () => allocateHealthCheckPort(spec, old, ports));
  }

  /** Gives everything back at once: nothing of it was written. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#holdings.giveBack({ addresses: this.#addresses, ports: this.#ports });
  }

  /** Gives everything back when the cache has seen what was written: from then on the stored Service holds it. */
  endWhenSeen(): void {
    void this.#request.registry.feed.catchUp().then(() => this.end());
  }

  #isTakenAddress(address: string): boolean {
    return this.#holdings.hasAddress(address) || this.#addressObjects.get(ipAddressKey(address)) !== undefined;
  }

  #takeAddress(family: IPFamily, text: string): void {
    try {
      this.#networks.check(family, text, (address) => this.#isTakenAddress(address));
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error;
      const message = `failed to allocate IP ${text}: ${error.message}`;
      throw refusal(this.#request, this.#service, [clusterIPsPath.invalid(this.#service.spec.clusterIPs, message)]);
    }
    this.#hold(canonicalAddress(text) ?? text, undefined);
  }

  #takeAnyAddress(family: IPFamily): string {
    const address = explained('failed to allocate a serviceIP', () =>
      this.#networks.pick(family, (candidate) => this.#isTakenAddress(candidate), this.#random),
    );
    this.#hold(address, undefined);
    return address;
  }

  #takePort(port: number): void {
    this.#nodePorts.check(port, (candidate) => this.#holdings.hasPort(candidate));
    this.#hold(undefined, port);
  }

  #takeAnyPort(): number {
    const port = this.#nodePorts.pick((candidate) => this.#holdings.hasPort(candidate), this.#random);
    this.#hold(undefined, port);
    return port;
  }

  #hold(address: string | undefined, port: number | undefined): void {
    const holding = {
      addresses: address === undefined ? [] : [address],
      ports: port === undefined ? [] : [port],
    };
    this.#addresses.push(...holding.addresses);
    this.#ports.push(...holding.ports);
    this.#holdings.take(holding);
  }
}

/** An allocation that fails through no fault of the user's is the server's own error. */
function explained<T>(what: string, allocate: () => T): T {
  try {
    return allocate();
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    throw internalError(new Error(`${what}: ${error.message}`, { cause: error }));
  }
}
