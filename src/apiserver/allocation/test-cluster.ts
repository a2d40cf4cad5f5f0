/** For the tests of this folder: Services written through a Registry over a store in memory. */
import { builtinCatalog } from '../../api/catalog.ts';
import type { ResourceDefinition } from '../../api/contract.ts';
import type { Service } from '../../api/types/core.v1.ts';
import { CIDR } from '../../machinery/cidr.ts';
import type { PortRange } from '../../machinery/flags/flag-types.ts';
import { seededRandom } from '../../machinery/random.ts';
import { StatusError } from '../../machinery/status.ts';
import { formatTime } from '../../machinery/time.ts';
import { realClock } from '../../machinery/clock.ts';
import { prefixEnd, type Store } from '../../store/contract.ts';
import { openMemoryStore } from '../../store/memory/index.ts';
import { InternalExchange } from '../http/internal.ts';
import { dispatch } from '../registry/dispatch.ts';
import { Registry } from '../registry/registry.ts';
import { OpenWatches } from '../registry/watch.ts';
import { ServiceAllocator } from './services.ts';

const catalog = builtinCatalog();
const watches = new OpenWatches(() => () => {});

function definitionOf(group: string, plural: string): ResourceDefinition {
  const found = catalog.find(group, 'v1', plural);
  if (found === undefined) throw new Error(`no ${plural}`);
  return found;
}

export interface ClusterOptions {
  readonly ranges?: readonly string[];
  readonly nodePorts?: PortRange;
  readonly store?: Store;
  readonly seed?: number;
}

type Verb = 'create' | 'update' | 'patch' | 'delete' | 'list' | 'get';
const methods = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', list: 'GET', get: 'GET' } as const;

/** One API server's part that writes Services. */
export class TestCluster {
  readonly store: Store;
  readonly registry: Registry;
  readonly allocator: ServiceAllocator;

  private constructor(store: Store, registry: Registry, allocator: ServiceAllocator) {
    this.store = store;
    this.allocator = allocator;
    this.registry = registry;
  }

  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const { ranges = ['10.96.0.0/16'], nodePorts = { first: 30000, last: 32767 }, seed = 1 } = options;
    const store = options.store ?? (await openMemoryStore());
    const random = seededRandom(seed);
    const networks = ranges.map((range) => {
      const network = CIDR.parse(range);
      if (network === undefined) throw new Error(`no network: ${range}`);
      return network;
    });
    const allocator = new ServiceAllocator({ ranges: networks, nodePorts }, random);
    const registry = new Registry({
      store,
      catalog,
      clock: realClock,
      random,
      eventTtlSeconds: 3600,
      minRequestTimeoutMs: 1000,
      writeHooks: [allocator],
      onFailure: (error) => {
        throw error;
      },
    });
    const cluster = new TestCluster(store, registry, allocator);
    const namespace = { metadata: { name: 'default' } };
    if (options.store === undefined) await cluster.send('create', definitionOf('', 'namespaces'), '', namespace);
    return cluster;
  }

  /** Sends a request and returns the answer's object. Rejects with a StatusError. */
  async send(verb: Verb, definition: ResourceDefinition, name: string, body?: object, query = ''): Promise<unknown> {
    const exchange = new InternalExchange({
      method: methods[verb],
      target: `/${query}`,
      headers: {
        'content-type': verb === 'patch' ? 'application/merge-patch+json' : 'application/json',
        accept: 'application/json',
      },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    });
    const request = {
      registry: this.registry,
      exchange,
      info: {
        isResourceRequest: true,
        path: '/',
        verb,
        apiPrefix: 'api',
        apiGroup: definition.group,
        apiVersion: definition.version,
        namespace: definition.namespaced ? 'default' : '',
        resource: definition.plural,
        subresource: '',
        name,
        remainder: '',
      },
      definition,
      cache: await this.registry.cacheOf(definition),
      user: { username: 'test', groups: [] },
    };
    await dispatch(request, watches);
    return JSON.parse((await exchange.response).body.toString('utf8')) as unknown;
  }

  async create(name: string, spec: object = {}, query = ''): Promise<Service> {
    const body = { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
    return (await this.send('create', definitionOf('', 'services'), '', body, query)) as Service;
  }

  async patch(name: string, spec: object): Promise<Service> {
    return (await this.send('patch', definitionOf('', 'services'), name, { spec })) as Service;
  }

  async update(name: string, spec: object): Promise<Service> {
    const body = { metadata: { name }, spec };
    return (await this.send('update', definitionOf('', 'services'), name, body)) as Service;
  }

  async delete(name: string): Promise<void> {
    await this.send('delete', definitionOf('', 'services'), name);
  }

  /** Deletes an IPAddress object, or writes one for a Service, behind the allocator's back. */
  async tamper(address: string, service?: string): Promise<void> {
    const definition = definitionOf('networking.k8s.io', 'ipaddresses');
    if (service === undefined) {
      await this.send('delete', definition, address);
      return;
    }
    const labels = {
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
    };
    const parentRef = { resource: 'services', namespace: 'default', name: service };
    await this.send('create', definition, '', { metadata: { name: address, labels }, spec: { parentRef } });
  }

  /** Writes a ServiceCIDR, or deletes one that has no networks. */
  async serviceCIDR(name: string, cidrs: readonly string[], status: object = {}): Promise<void> {
    const definition = definitionOf('networking.k8s.io', 'servicecidrs');
    if (cidrs.length === 0) await this.send('delete', definition, name);
    else await this.send('create', definition, '', { metadata: { name }, spec: { cidrs }, status });
    await this.registry.feed.catchUp();
  }

  /** The ports of which there is a record in the store, each with the Service that it belongs to. */
  async portRecords(): Promise<Record<string, string>> {
    const prefix = '/registry/ranges/servicenodeports/';
    const { kvs } = await this.store.range({ key: prefix, rangeEnd: prefixEnd(prefix) });
    return Object.fromEntries(kvs.map(({ key, value }) => [key.slice(prefix.length), Buffer.from(value).toString()]));
  }

  /** The names of the IPAddress objects, each with the Service that it belongs to. */
  async addresses(): Promise<Record<string, string>> {
    await this.registry.feed.catchUp();
    const list = (await this.send('list', definitionOf('networking.k8s.io', 'ipaddresses'), '')) as {
      items: { metadata: { name: string }; spec: { parentRef: { name: string } } }[];
    };
    return Object.fromEntries(list.items.map(({ metadata, spec }) => [metadata.name, spec.parentRef.name]));
  }

  now(): string {
    return formatTime(this.registry.clock.now());
  }

  async stop(): Promise<void> {
    this.registry.stop();
    await this.store.close();
  }
}

/** The text of the StatusError that a promise rejects with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}
