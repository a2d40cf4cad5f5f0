import type { Service, ServiceSpec } from '../../api/types/core.v1.ts';
import type { CachedObject } from '../watch/cached-object.ts';
import type { ResourceEvent } from '../watch/event-window.ts';
import type { EventListener, ResourceCache } from '../watch/resource-cache.ts';
import { canonicalAddress } from './address-range.ts';
import { noClusterIP } from '../../api/core/validation/service-addresses.ts';

/** What a Service has been given. */
export interface Holding {
  /** In canonical form. */
  readonly addresses: readonly string[];
  /** Of the nodes, each once. */
  readonly ports: readonly number[];
}

const nothing: Holding = { addresses: [], ports: [] };

export function holdingOf(spec: ServiceSpec | undefined): Holding {
  if (spec === undefined || spec.type === 'ExternalName') return nothing;
  const addresses: string[] = [];
  for (const clusterIP of spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])) {
    const address = clusterIP === noClusterIP ? undefined : canonicalAddress(clusterIP);
    if (address !== undefined) addresses.push(address);
  }
  const ports = new Set<number>();
  for (const { nodePort } of spec.ports ?? []) if (nodePort) ports.add(nodePort);
  if (spec.healthCheckNodePort) ports.add(spec.healthCheckNodePort);
  return { addresses, ports: [...ports] };
}

/**
 * What is given out: all that the stored Services hold, and what writes under way have been promised. It is derived
 * from the cache alone, so nothing can leak: what no Service holds is free.
 */
export class Holdings implements EventListener {
  readonly #cache: ResourceCache;
  /** By the Service's key. */
  readonly #stored = new Map<string, Holding>();
  /** How many hold it: a Service that is just being stored and its reservation are two. */
  readonly #addresses = new Map<string, number>();
  readonly #ports = new Map<number, number>();

  /** @param cache Of the Services, filled. */
  constructor(cache: ResourceCache) {
    this.#cache = cache;
    const { from, to } = cache.rangeOf('');
    cache.scan(from, to, (object) => {
      this.#store(object);
      return true;
    });
    cache.listen(this);
  }

  onEvent({ type, object }: ResourceEvent): void {
    const before = this.#stored.get(object.key);
    if (type === 'put') this.#store(object);
    else this.#stored.delete(object.key);
    if (before !== undefined) this.giveBack(before);
  }

  hasAddress(address: string): boolean {
    return this.#addresses.has(address);
  }

  hasPort(port: number): boolean {
    return this.#ports.has(port);
  }

  take({ addresses, ports }: Holding): void {
    for (const address of addresses) this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1);
    for (const port of ports) this.#ports.set(port, (this.#ports.get(port) ?? 0) + 1);
  }

  giveBack({ addresses, ports }: Holding): void {
    for (const address of addresses) decrement(this.#addresses, address);
    for (const port of ports) decrement(this.#ports, port);
  }

  /** What each stored Service holds. */
  entries(): Iterable<readonly [key: string, holding: Holding]> {
    return this.#stored;
  }

  #store(object: CachedObject): void {
    const { spec } = this.#cache.form.decode(object.value, object.revision) as Service;
    const holding = holdingOf(spec);
    this.#stored.set(object.key, holding);
    this.take(holding);
  }
}

function decrement<K>(counts: Map<K, number>, key: K): void {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
