import type { ResourceCatalog } from '../api/contract.ts';
import type { Clock } from '../machinery/clock.ts';
import type {
  HistoryEntry,
  Key,
  LeaseId,
  LeaseStatus,
  RangeRequest,
  RangeResponse,
  Revision,
  Store,
  StoreStatus,
  TxnRequest,
  TxnResponse,
  Watch,
  WatchRequest,
} from '../store/contract.ts';

/** What upstream calls requests to the store in its metrics. */
export type StoreOperation = 'get' | 'list' | 'create' | 'update' | 'delete';

/** Told of every request for a resource, when it is over. */
export type StoreObserver = (
  operation: StoreOperation,
  group: string,
  resource: string,
  seconds: number,
  isFailed: boolean,
) => void;

export interface MeasuredStoreOptions {
  readonly store: Store;
  readonly catalog: ResourceCatalog;
  readonly clock: Clock;
  readonly observe: StoreObserver;
}

interface Resource {
  readonly group: string;
  readonly resource: string;
}

const root = '/registry/';

/** A store that tells how long it takes. Watches, leases and compaction are not measured, as upstream. */
export class MeasuredStore implements Store {
  readonly #store: Store;
  readonly #catalog: ResourceCatalog;
  readonly #clock: Clock;
  readonly #observe: StoreObserver;
  /** By what keys begin with after `/registry/`; of one generation of the catalog. */
  #resources = new Map<string, Resource>();
  #generation = -1;

  constructor({ store, catalog, clock, observe }: MeasuredStoreOptions) {
    this.#store = store;
    this.#catalog = catalog;
    this.#clock = clock;
    this.#observe = observe;
  }

  get revision(): Revision {
    return this.#store.revision;
  }

  range(request: RangeRequest): Promise<RangeResponse> {
    const operation = request.rangeEnd === undefined || request.rangeEnd === '' ? 'get' : 'list';
    return this.#measure(operation, request.key, this.#store.range(request));
  }

  txn(request: TxnRequest): Promise<TxnResponse> {
    const written = writeOf(request);
    const response = this.#store.txn(request);
    return written === undefined ? response : this.#measure(written.operation, written.key, response);
  }

  watch(request: WatchRequest): Watch {
    return this.#store.watch(request);
  }
  compact(revision: Revision): Promise<void> {
    return this.#store.compact(revision);
  }
  history(request: { key: Key; limit?: number; before?: Revision }): Promise<readonly HistoryEntry[]> {
    return this.#store.history(request);
  }
  revisionAt(timeMs: number): Promise<Revision> {
    return this.#store.revisionAt(timeMs);
  }
  grantLease(request: { ttlSeconds: number; id?: LeaseId }): Promise<LeaseStatus> {
    return this.#store.grantLease(request);
  }
  revokeLease(id: LeaseId): Promise<void> {
    return this.#store.revokeLease(id);
  }
  keepAliveLease(id: LeaseId): Promise<LeaseStatus> {
    return this.#store.keepAliveLease(id);
  }
  leaseStatus(id: LeaseId): Promise<LeaseStatus> {
    return this.#store.leaseStatus(id);
  }
  leases(): Promise<readonly LeaseId[]> {
    return this.#store.leases();
  }
  status(): StoreStatus {
    return this.#store.status();
  }
  close(): Promise<void> {
    return this.#store.close();
  }

  #measure<T>(operation: StoreOperation, key: Key, response: Promise<T>): Promise<T> {
    const resource = this.#resourceOf(key);
    if (resource === undefined) return response;
    const startMs = this.#clock.monotonicMs();
    const done = (isFailed: boolean): void => {
      const seconds = (this.#clock.monotonicMs() - startMs) / 1000;
      this.#observe(operation, resource.group, resource.resource, seconds, isFailed);
    };
    // Beside the caller's own promise: nobody waits for a metric.
    response.then(
      () => done(false),
      () => done(true),
    );
    return response;
  }

  /** Prefixes have one part, such as `pods`, or two, such as `services/specs`. */
  #resourceOf(key: Key): Resource | undefined {
    if (!key.startsWith(root)) return undefined;
    if (this.#generation !== this.#catalog.generation) this.#learn();
    const first = key.indexOf('/', root.length);
    if (first < 0) return undefined;
    const second = key.indexOf('/', first + 1);
    const two = second < 0 ? undefined : this.#resources.get(key.slice(root.length, second));
    return two ?? this.#resources.get(key.slice(root.length, first));
  }

  #learn(): void {
    const { definitions, generation } = this.#catalog;
    this.#resources = new Map();
    for (const { group, plural, storage } of definitions) {
      if (storage !== undefined && storage.convert === undefined) {
        this.#resources.set(storage.prefix, { group, resource: plural });
      }
    }
    this.#generation = generation;
  }
}

function writeOf({ compare, success }: TxnRequest): { operation: StoreOperation; key: Key } | undefined {
  const [first] = success ?? [];
  if (first?.type === 'put') {
    const { key } = first.put;
    const isNew = compare?.some((one) => one.key === key && one.target === 'create' && one.operand === 0);
    return { key, operation: isNew === true ? 'create' : 'update' };
  }
  if (first?.type === 'deleteRange') return { key: first.deleteRange.key, operation: 'delete' };
  return undefined;
}
