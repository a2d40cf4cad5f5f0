/** One server for the tests of a file, and what upstream's conformance tests do to resources, over HTTPS. */
import { after, before } from 'node:test';
import type { RestClient } from '../../src/client/rest.ts';
import type { ObjectMeta } from '../../src/api/types/meta.v1.ts';
import { TestServer } from '../support/server.ts';
import { openWatch, type WatchStream } from '../support/watch-streams.ts';

type Query = Readonly<Record<string, string | number | boolean>>;

/** An object as the server shows it: its metadata is always there. */
export type Stored<T> = T & {
  readonly metadata: ObjectMeta & { readonly name: string; readonly uid: string; readonly resourceVersion: string };
};

export interface StoredList<T> {
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly Stored<T>[];
}

export type PatchType = 'merge' | 'strategic-merge' | 'json';

interface PatchOptions {
  readonly type?: PatchType;
  readonly subresource?: string;
  readonly query?: Query;
}

/** One resource in one namespace, or of the cluster: each verb a method. What is refused is thrown as StatusError. */
export class Resource<T extends object> {
  readonly path: string;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, path: string) {
    this.#cluster = cluster;
    this.path = path;
  }

  create(object: T, query: Query = {}): Promise<Stored<T>> {
    return this.#cluster.client.request('POST', this.path, { body: object, query });
  }

  get(name: string, subresource?: string): Promise<Stored<T>> {
    return this.#cluster.client.get(this.#pathOf(name, subresource));
  }

  list(query: Query = {}): Promise<StoredList<T>> {
    return this.#cluster.client.get(this.path, { query });
  }

  /** The names in a list, in its order. */
  async names(query: Query = {}): Promise<string[]> {
    return (await this.list(query)).items.map(({ metadata }) => metadata.name);
  }

  update(object: Stored<T>, subresource?: string): Promise<Stored<T>> {
    return this.#cluster.client.request('PUT', this.#pathOf(object.metadata.name, subresource), { body: object });
  }

  patch(name: string, body: unknown, { type = 'merge', subresource, query }: PatchOptions = {}): Promise<Stored<T>> {
    return this.#cluster.client.request('PATCH', this.#pathOf(name, subresource), {
      body,
      contentType: `application/${type}-patch+json`,
      ...(query === undefined ? {} : { query }),
    });
  }

  delete(name: string, options: object = {}): Promise<unknown> {
    return this.#cluster.client.request('DELETE', `${this.path}/${name}`, { body: options });
  }

  deleteCollection(query: Query = {}, options: object = {}): Promise<unknown> {
    return this.#cluster.client.request('DELETE', this.path, { query, body: options });
  }

  /** Ends with the test file, or when it is left. */
  async watch(query: Query = {}): Promise<WatchStream> {
    const parameters = new URLSearchParams({ watch: 'true' });
    for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
    const watch = await openWatch(this.#cluster.server.config, 'HTTP/2', `${this.path}?${parameters.toString()}`);
    this.#cluster.watches.push(watch);
    return watch;
  }

  #pathOf(name: string, subresource: string | undefined): string {
    return `${this.path}/${name}${subresource === undefined ? '' : `/${subresource}`}`;
  }
}

export interface Cluster {
  readonly server: TestServer;
  readonly client: RestClient;
  /** Closed after the tests. */
  readonly watches: WatchStream[];
  /** Makes a namespace that no other test uses and returns its name. */
  newNamespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  /** @param namespace Left out: of the cluster, or of all namespaces. */
  resource<T extends object>(groupVersion: string, plural: string, namespace?: string): Resource<T>;
}

/**
 * Starts a server before the tests of the file that calls this, and ends it after them.
 * @param serviceAccounts Pods are given their ServiceAccount, which must be there.
 */
export function startCluster(args: readonly string[] = [], serviceAccounts = false): Cluster {
  let server: TestServer | undefined;
  let client: RestClient | undefined;
  let namespaces = 0;
  const watches: WatchStream[] = [];
  before(async () => {
    server = await TestServer.start({ args, serviceAccounts });
    client = server.client('kubets-conformance/1');
  });
  after(async () => {
    for (const watch of watches) watch.leave();
    client?.transport.close();
    await server?.stop();
  });
  const cluster: Cluster = {
    get server() {
      if (server === undefined) throw new Error('the server does not run yet');
      return server;
    },
    get client() {
      if (client === undefined) throw new Error('the server does not run yet');
      return client;
    },
    watches,
    newNamespace: async (labels = {}) => {
      const name = `conformance-${++namespaces}`;
      await cluster.client.request('POST', '/api/v1/namespaces', { body: { metadata: { name, labels } } });
      return name;
    },
    resource: (groupVersion, plural, namespace) => {
      const root = groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      return new Resource(cluster, `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`);
    },
  };
  return cluster;
}

/** What a refusal must look like, for `assert.rejects`. */
export const notFound = { code: 404, reason: 'NotFound' } as const;
export const invalid = { code: 422, reason: 'Invalid' } as const;
