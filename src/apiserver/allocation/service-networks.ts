import type { ServiceCIDR } from '../../api/types/networking.v1.ts';
import { CIDR } from '../../machinery/cidr.ts';
import { parseWrittenIP } from '../../machinery/ip-address.ts';
import type { Random } from '../../machinery/random.ts';
import type { ResourceEvent } from '../watch/event-window.ts';
import type { EventListener, ResourceCache } from '../watch/resource-cache.ts';
import { AddressRange, AllocationError, notInRange, rangeIsFull, type IPFamily } from './address-range.ts';

/** The ServiceCIDR that the API server itself makes of `--service-cluster-ip-range`. */
export const defaultServiceCIDRName = 'kubernetes';

/** What counts of a ServiceCIDR. */
interface Networks {
  readonly name: string;
  readonly isReady: boolean;
  readonly ranges: readonly AddressRange[];
}

/** Without the condition it is ready: there may be no controller to say so. */
function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata?.deletionTimestamp !== undefined) return false;
  const ready = (status?.conditions ?? []).find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True';
}

function rangesOf(networks: readonly string[], name: string): AddressRange[] {
  const ranges: AddressRange[] = [];
  for (const text of networks) {
    const network = CIDR.parse(text);
    if (network !== undefined) ranges.push(new AddressRange(network, name === defaultServiceCIDRName));
  }
  return ranges;
}

/**
 * The networks that cluster IPs are of: those of every ServiceCIDR that is ready (KEP-1880), and until the default one
 * is there those that the server was started with. Networks may overlap: an address is taken in all of them.
 */
export class ServiceNetworks implements EventListener {
  /** The families that Services can have, the default one first. More networks bring no more families. */
  readonly families: readonly IPFamily[];
  readonly #started: readonly AddressRange[];
  readonly #byKey = new Map<string, Networks>();
  #cache: ResourceCache | undefined;
  /** Those of ready objects; undefined when it has to be found anew. */
  #ready: readonly AddressRange[] | undefined;

  constructor(networks: readonly CIDR[]) {
    this.#started = networks.map((network) => new AddressRange(network, true));
    this.families = this.#started.map(({ family }) => family);
  }

  /** Reads the ServiceCIDRs, and follows them from now on. */
  follow(cache: ResourceCache): void {
    if (this.#cache === cache) return;
    this.#cache = cache;
    const { from, to } = cache.rangeOf('');
    cache.scan(from, to, (object) => {
      this.#keep(cache, object);
      return true;
    });
    cache.listen(this);
  }

  onEvent({ type, object }: ResourceEvent): void {
    if (this.#cache === undefined) return;
    if (type === 'put') this.#keep(this.#cache, object);
    else this.#byKey.delete(object.key);
    this.#ready = undefined;
  }

  /** Whether the address may be given out; throws an AllocationError that says why not. */
  check(family: IPFamily, text: string, isTaken: (address: string) => boolean): void {
    const address = parseWrittenIP(text);
    const range =
      address === undefined ? undefined : this.#rangesOf(family).find((candidate) => candidate.contains(address));
    if (range === undefined) throw new AllocationError(notInRange);
    range.check(text, isTaken);
  }

  /** Any address that is free in any network. Throws an AllocationError when none is. */
  pick(family: IPFamily, isTaken: (address: string) => boolean, random: Random): string {
    for (const range of this.#rangesOf(family)) {
      const address = range.pickFree(isTaken, random);
      if (address !== undefined) return address;
    }
    throw new AllocationError(rangeIsFull);
  }

  #rangesOf(family: IPFamily): AddressRange[] {
    this.#ready ??= this.#readyRanges();
    return this.#ready.filter((range) => range.family === family);
  }

  #readyRanges(): readonly AddressRange[] {
    const all = [...this.#byKey.values()];
    const ranges = all.some(({ name }) => name === defaultServiceCIDRName) ? [] : [...this.#started];
    for (const networks of all) if (networks.isReady) ranges.push(...networks.ranges);
    return ranges;
  }

  #keep(cache: ResourceCache, { key, name, value, revision }: ResourceEvent['object']): void {
    const object = cache.form.decode(value, revision) as ServiceCIDR;
    this.#byKey.set(key, { name, isReady: isReady(object), ranges: rangesOf(object.spec?.cidrs ?? [], name) });
    this.#ready = undefined;
  }
}
