import type { ResourceCatalog } from '../../api/contract.ts';
import { internalError } from '../../machinery/status.ts';
import type {
  HistoryEntry,
  Key,
  KeyValue,
  LeaseId,
  LeaseStatus,
  RangeRequest,
  RangeResponse,
  RequestOp,
  ResponseOp,
  Revision,
  Store,
  StoreStatus,
  Txn,
  TxnRequest,
  TxnResponse,
  Watch,
  WatchRequest,
} from '../../store/contract.ts';
import { DecryptingWatch } from './decrypting-watch.ts';
import { identityMark } from './identity.ts';
import type { Providers } from './providers.ts';
import { ResourceKeys } from './resource-keys.ts';
import type { Transformers } from './transformers.ts';

/** What is known of a value that was stored encrypted. */
interface Plain {
  readonly value: Uint8Array;
  readonly mark: string;
}

export interface EncryptedStoreOptions {
  readonly store: Store;
  readonly catalog: ResourceCatalog;
  readonly providers: Providers;
}

/**
 * A store whose values are encrypted, by resource. Whoever reads here sees them decrypted: what is there now, what was
 * there before, and what changes. What is no object of a resource (addresses, ports) is stored as it is, as upstream does.
 */
export class EncryptedStore implements Store {
  readonly #store: Store;
  readonly #keys: ResourceKeys;
  #providers: Providers;
  /** By the bytes that the store holds: nothing that was written here is decrypted as long as it is at hand. */
  readonly #plain = new WeakMap<Uint8Array, Plain>();
  /** What values that were given out were encrypted with; those that are not here, with nothing. */
  readonly #marks = new WeakMap<Uint8Array, string>();

  /** Called when it is stopped. */
  onStop: (() => void) | undefined;

  constructor({ store, catalog, providers }: EncryptedStoreOptions) {
    this.#store = store;
    this.#keys = new ResourceKeys(catalog);
    this.#providers = providers;
  }

  /** Uses other transformers from now on. */
  replaceProviders(providers: Providers): void {
    const before = this.#providers;
    this.#providers = providers;
    before.close();
  }

  /** Whether a value that was read here would be encrypted with something else if it were written now. */
  isStale(key: Key, value: Uint8Array): boolean {
    const transformers = this.#transformersOf(key);
    return transformers !== undefined && (this.#marks.get(value) ?? identityMark) !== transformers.mark;
  }

  get revision(): Revision {
    return this.#store.revision;
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    return this.#opened(await this.#store.range(request));
  }

  async txn(request: TxnRequest): Promise<TxnResponse> {
    const { success, failure, compare } = request;
    const response = await this.#store.txn({
      ...request,
      ...(compare === undefined ? {} : { compare: compare.map((one) => this.#checked(one)) }),
      ...(success === undefined ? {} : { success: success.map((operation) => this.#sealed(operation)) }),
      ...(failure === undefined ? {} : { failure: failure.map((operation) => this.#sealed(operation)) }),
    });
    return this.#openedTxn(response);
  }

  watch(request: WatchRequest): Watch {
    return new DecryptingWatch(this.#store.watch(request), (kv) => this.#open(kv));
  }

  async history(request: { key: Key; limit?: number; before?: Revision }): Promise<readonly HistoryEntry[]> {
    const entries = await this.#store.history(request);
    return Promise.all(entries.map(async (entry) => ({ ...entry, kv: await this.#open(entry.kv) })));
  }

  compact(revision: Revision): Promise<void> {
    return this.#store.compact(revision);
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
  /** Ends what keeps keys current; the store stays open. */
  stop(): void {
    this.onStop?.();
    this.#providers.close();
  }
  close(): Promise<void> {
    this.stop();
    return this.#store.close();
  }

  /** Undefined for what is no object of a resource. */
  #transformersOf(key: Key): Transformers | undefined {
    const resource = this.#keys.resourceOf(key);
    return resource === undefined ? undefined : this.#providers.of(resource.group, resource.resource);
  }

  /** What is encrypted is another text each time: it cannot be compared with. */
  #checked<C extends { readonly target: string; readonly key: Key }>(compare: C): C {
    if (compare.target === 'value' && this.#transformersOf(compare.key)?.isIdentity === false) {
      throw internalError(new Error(`the value of ${JSON.stringify(compare.key)} is encrypted and cannot be compared`));
    }
    return compare;
  }

  #sealed(operation: RequestOp): RequestOp {
    if (operation.type === 'txn') {
      const { success = [], failure = [], compare = [] } = operation.txn;
      const txn: Txn = {
        compare: compare.map((one) => this.#checked(one)),
        success: success.map((one) => this.#sealed(one)),
        failure: failure.map((one) => this.#sealed(one)),
      };
      return { type: 'txn', txn };
    }
    if (operation.type !== 'put' || operation.put.ignoreValue === true) return operation;
    const { key, value } = operation.put;
    const transformers = this.#transformersOf(key);
    if (transformers === undefined || transformers.isIdentity) return operation;
    let sealed: Uint8Array;
    try {
      sealed = transformers.seal(value, key);
    } catch (error) {
      throw internalError(error);
    }
    const { mark } = transformers;
    this.#plain.set(sealed, { value, mark });
    this.#marks.set(value, mark);
    return { type: 'put', put: { ...operation.put, value: sealed } };
  }

  async #openedTxn(response: TxnResponse): Promise<TxnResponse> {
    // Most have written, and nothing to show for it.
    if (response.responses.every((one) => one.type === 'put' && one.put.prevKv === undefined)) return response;
    const responses = await Promise.all(response.responses.map((one) => this.#openedOperation(one)));
    return { ...response, responses };
  }

  async #openedOperation(response: ResponseOp): Promise<ResponseOp> {
    switch (response.type) {
      case 'range':
        return { type: 'range', range: await this.#opened(response.range) };
      case 'put': {
        const { prevKv } = response.put;
        return prevKv === undefined ? response : { type: 'put', put: { prevKv: await this.#open(prevKv) } };
      }
      case 'deleteRange': {
        const prevKvs = await Promise.all(response.deleteRange.prevKvs.map((kv) => this.#open(kv)));
        return { type: 'deleteRange', deleteRange: { ...response.deleteRange, prevKvs } };
      }
      case 'txn':
        return { type: 'txn', txn: await this.#openedTxn(response.txn) };
    }
  }

  async #opened(response: RangeResponse): Promise<RangeResponse> {
    if (response.kvs.length === 0) return response;
    // One after the other, so that a key is asked for once and not by every value that it opens.
    const kvs: KeyValue[] = [];
    for (const kv of response.kvs) {
      const opened = this.#open(kv);
      kvs.push(opened instanceof Promise ? await opened : opened);
    }
    return { ...response, kvs };
  }

  /** Throws or rejects with 500. */
  #open(kv: KeyValue): KeyValue | Promise<KeyValue> {
    // A deletion has no value, and a read of keys alone gives none.
    if (kv.value.length === 0) return kv;
    const known = this.#plain.get(kv.value);
    if (known !== undefined) return { ...kv, value: known.value };
    const transformers = this.#transformersOf(kv.key);
    if (transformers === undefined) return kv;
    const keep = ({ value, mark }: Plain): KeyValue => {
      if (value === kv.value) return kv;
      this.#plain.set(kv.value, { value, mark });
      this.#marks.set(value, mark);
      return { ...kv, value };
    };
    const refuse = (error: unknown): never => {
      const reason = error instanceof Error ? error.message : String(error);
      throw internalError(new Error(`unable to transform key ${JSON.stringify(kv.key)}: ${reason}`, { cause: error }));
    };
    try {
      const opened = transformers.open(kv.value, kv.key);
      return opened instanceof Promise ? opened.then(keep, refuse) : keep(opened);
    } catch (error) {
      return refuse(error);
    }
  }
}
