import type { KubernetesObject } from '../api/contract.ts';
import { causeHeader } from '../api/history.ts';
import type { DeleteOptions, ListMeta, Status } from '../api/types/meta.v1.ts';
import type { Transport } from './contract.ts';
import { apiVersionOf, pathOf, type Resource } from './resource.ts';
import { RestClient, type RequestOptions, type RestClientOptions, type WatchEvent } from './rest.ts';

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly signal?: AbortSignal;
}

export interface ObjectList<T> {
  readonly metadata: ListMeta;
  readonly items: T[];
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export interface WriteOptions {
  readonly subresource?: string;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export interface PatchOptions extends WriteOptions {
  /** Takes fields over from other managers; of `apply` alone. */
  readonly force?: boolean;
}

/**
 * The API, by resource. Every method throws the StatusError that the server answered with, a ConnectionError, or the
 * signal's reason. Objects are plain JSON, as they come.
 */
export class Client {
  readonly rest: RestClient;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(rest: RestClient, headers: Readonly<Record<string, string>>) {
    this.rest = rest;
    this.#headers = headers;
  }

  static over(transport: Transport, options: RestClientOptions): Client {
    return new Client(new RestClient(transport, options), {});
  }

  /** The same client; what it writes is recorded as caused by that revision. */
  causedBy(revision: string | undefined): Client {
    if (revision === undefined || revision === '') return this;
    return new Client(this.rest, { ...this.#headers, [causeHeader]: revision });
  }

  get<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#send<T>('GET', pathOf(resource, namespace, name), { signal, ...acceptOf(resource, isOne) });
  }

  /** @param namespace Undefined or '': all. */
  async list<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace?: string,
    { signal, ...query }: ListOptions = {},
  ): Promise<ObjectList<T>> {
    const list = await this.#send<ObjectList<T>>('GET', pathOf(resource, namespace), {
      query,
      signal,
      ...acceptOf(resource),
    });
    return { metadata: list.metadata, items: withTypes(resource, list.items) };
  }

  /** The events of a watch until the server ends it; see `RestClient.watch`. */
  watch<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    query: NonNullable<RequestOptions['query']>,
    signal?: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    return this.rest.watch<T>(pathOf(resource, namespace), {
      query,
      headers: this.#headers,
      signal,
      ...acceptOf(resource, isOne),
    });
  }

  /** Creates an object in the namespace it names. */
  create<T extends KubernetesObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
    return this.#write<T>('POST', pathOf(resource, object.metadata?.namespace), body, options);
  }

  /** POST to a subresource of an object: `binding`, `eviction`, `token`. */
  createSubresource<R>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    subresource: string,
    body: KubernetesObject,
    options: WriteOptions = {},
  ): Promise<R> {
    return this.#write<R>('POST', pathOf(resource, namespace, name, subresource), body, options);
  }

  /** Replaces an object that was read: a Conflict when it was changed since. */
  update<T extends KubernetesObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = object.metadata ?? {};
    const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
    return this.#write<T>('PUT', pathOf(resource, namespace, name, options.subresource), body, options);
  }

  updateStatus<T extends KubernetesObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    return this.update(resource, object, { ...options, subresource: 'status' });
  }

  patch<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#write<T>('PATCH', pathOf(resource, namespace, name, options.subresource), patch, options, {
      contentType: patchContentTypes[type],
      ...(options.force === undefined ? {} : { query: { force: options.force } }),
    });
  }

  /** Answers with the object where its deletion goes on, with a Status where it is gone. */
  delete<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
    signal?: AbortSignal,
  ): Promise<T | Status> {
    return this.#send<T | Status>('DELETE', pathOf(resource, namespace, name), {
      body: deleteOptions(options),
      signal,
    });
  }

  async deleteCollection(
    resource: Resource,
    namespace: string | undefined,
    options: DeleteOptions = {},
    { signal, ...query }: ListOptions = {},
  ): Promise<void> {
    await this.#send('DELETE', pathOf(resource, namespace), { body: deleteOptions(options), query, signal });
  }

  #write<R>(
    method: string,
    path: string,
    body: unknown,
    { fieldManager, dryRun, signal }: WriteOptions,
    more: RequestOptions = {},
  ): Promise<R> {
    const query = { ...more.query, fieldManager, ...(dryRun === true ? { dryRun: 'All' } : {}) };
    return this.#send<R>(method, path, { ...more, body, query, signal });
  }

  #send<R>(method: string, path: string, options: RequestOptions): Promise<R> {
    return this.rest.request<R>(method, path, { ...options, headers: this.#headers });
  }
}

const isOne = true;

/** A list of a form is asked for by the name of the list. */
function acceptOf({ accept }: Resource, one = false): Pick<RequestOptions, 'accept'> {
  if (accept === undefined) return {};
  return { accept: one ? accept.replace('PartialObjectMetadataList', 'PartialObjectMetadata') : accept };
}

function deleteOptions(options: DeleteOptions): DeleteOptions {
  return { apiVersion: 'v1', kind: 'DeleteOptions', ...options } as DeleteOptions;
}

/** The items of a list come without what they are: it stands once, in the list. */
function withTypes<T extends KubernetesObject>(resource: Resource<T>, items: T[] | null | undefined): T[] {
  const apiVersion = apiVersionOf(resource);
  for (const item of items ?? []) {
    item.apiVersion ??= apiVersion;
    item.kind ??= resource.kind;
  }
  return items ?? [];
}
