import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import { parseExactJson } from '../../api/schema/exact-json.ts';
import type { KeyValue, Store, WatchEvent } from '../../store/contract.ts';
import { prefixEnd } from '../../store/contract.ts';
import { BTree, btreeNodeSize, compareKeys } from '../../store/core/btree.ts';
import { ObjectForm } from '../registry/object-bytes.ts';
import { indexRecordOf, type CachedObject, type IndexRecord } from './cached-object.ts';
import { EventWindow, type ResourceEvent } from './event-window.ts';

/** Keys read from the store at a time while a cache fills. */
const loadPageSize = 5000;

/** Told of each event, in order, as it becomes visible. For what must know before the writer does. */
export interface EventListener {
  onEvent(event: ResourceEvent): void;
}

/** Told of events in order, soon after they became visible: all of one turn of the event loop together. */
export interface EventFollower {
  onEvents(events: readonly ResourceEvent[]): void;
}

/**
 * All objects of one resource as of the newest revision: their bytes, and an index record each. It is filled from the
 * store when it is first asked for, and follows the store's events from then on.
 */
export class ResourceCache {
  readonly prefix: string;
  readonly form: ObjectForm;
  readonly #selectableFields: Readonly<Record<string, (object: KubernetesObject) => string>>;
  readonly #reencode: (object: KubernetesObject) => KubernetesObject;
  readonly #objects = new BTree<string, CachedObject>(undefined, compareKeys, btreeNodeSize);
  readonly #byKey = new Map<string, CachedObject>();
  readonly #listeners = new Set<EventListener>();
  readonly #followers = new Set<EventFollower>();
  /** Events that followers have not been told of yet. One may know them already from the window. */
  #untold: ResourceEvent[] = [];
  /** What this process is writing, by key: spares reading it again. */
  readonly #expected = new Map<string, { readonly value: Uint8Array; readonly index: IndexRecord }>();
  #window = new EventWindow(0);
  /** The newest revision in which an object of this resource changed. */
  #changedRevision = 0;
  #loading: Promise<void> | undefined;
  #loaded = false;
  /** Events that came while the cache was filling. */
  #early: WatchEvent[] = [];
  #bytes = 0;

  /**
   * @param definition The definition of the stored version.
   * @param reencode Turns an object whose bytes another program wrote into one of our form.
   */
  constructor(definition: ResourceDefinition, reencode: (object: KubernetesObject) => KubernetesObject) {
    const { storage } = definition;
    if (storage === undefined) throw new Error(`${definition.plural} are not stored`);
    this.prefix = `/registry/${storage.prefix}/`;
    this.form = new ObjectForm(definition, storage.group, storage.version);
    this.#selectableFields = definition.selectableFields;
    this.#reencode = reencode;
  }

  get isLoaded(): boolean {
    return this.#loaded;
  }

  get window(): EventWindow {
    return this.#window;
  }

  get changedRevision(): number {
    return this.#changedRevision;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Bytes of all objects together. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Fills the cache; at once when it is filled. */
  load(store: Store): Promise<void> {
    return (this.#loading ??= this.#fill(store).catch((error: unknown) => {
      this.#loading = undefined;
      this.#early = [];
      throw error;
    }));
  }

  async #fill(store: Store): Promise<void> {
    const rangeEnd = prefixEnd(this.prefix);
    let revision = 0;
    let key = this.prefix;
    for (;;) {
      const page = await store.range({ key, rangeEnd, limit: loadPageSize, revision });
      // Every page is read as of the first one's revision.
      if (revision === 0) revision = page.revision;
      for (const kv of page.kvs) this.#insert(this.#read(kv));
      const last = page.kvs.at(-1);
      if (!page.more || last === undefined) break;
      key = `${last.key}\0`;
    }
    this.#window = new EventWindow(revision);
    this.#changedRevision = Math.max(this.#changedRevision, revision);
    this.#loaded = true;
    const early = this.#early;
    this.#early = [];
    for (const event of early) if (event.kv.modRevision > revision) this.apply(event);
  }

  get(key: string): CachedObject | undefined {
    return this.#byKey.get(key);
  }

  /** Where this resource's objects of a namespace are; '' for all of them. */
  rangeOf(namespace: string): { readonly from: string; readonly to: string } {
    const from = namespace === '' ? this.prefix : `${this.prefix}${namespace}/`;
    return { from, to: prefixEnd(from) };
  }

  /** Visits objects in key order until `visit` returns false. */
  scan(from: string, to: string, visit: (object: CachedObject) => boolean): void {
    this.#objects.forRange(from, to, false, (_key, object) => (visit(object) ? undefined : { break: true }));
  }

  /**
   * Tells what the bytes hold that are about to be written, so that they need not be read when they come back. To be
   * followed by `unexpect` once they have come, or failed to.
   */
  expect(key: string, value: Uint8Array, object: KubernetesObject): void {
    this.#expected.set(key, { value, index: indexRecordOf(object, this.#selectableFields) });
  }

  unexpect(key: string): void {
    this.#expected.delete(key);
  }

  listen(listener: EventListener): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: EventListener): void {
    this.#listeners.delete(listener);
  }

  follow(follower: EventFollower): void {
    this.#followers.add(follower);
  }

  unfollow(follower: EventFollower): void {
    this.#followers.delete(follower);
  }

  /** Takes one event of the store, in order. */
  apply(event: WatchEvent): void {
    if (!this.#loaded) {
      if (this.#loading !== undefined) this.#early.push(event);
      return;
    }
    const change = this.eventOf(event, this.#byKey.get(event.kv.key));
    if (change === undefined) return;
    if (change.type === 'put') this.#insert(change.object);
    else this.#remove(change.object.key);
    this.#changedRevision = change.revision;
    this.#window.push(change);
    for (const listener of this.#listeners) listener.onEvent(change);
    if (this.#followers.size === 0) return;
    // Whoever wrote this is answered before everybody is told: the answer need not wait for a thousand watchers, and
    // writes that share a commit are told of together.
    if (this.#untold.length === 0) setImmediate(() => this.tell());
    this.#untold.push(change);
  }

  /** Tells followers now of what they would be told of soon. */
  tell(): void {
    const events = this.#untold;
    if (events.length === 0) return;
    this.#untold = [];
    for (const follower of this.#followers) follower.onEvents(events);
  }

  /** A store's event as a change of an object, given the state before; undefined for a deletion of nothing known. */
  eventOf(event: WatchEvent, previous: CachedObject | undefined): ResourceEvent | undefined {
    const revision = event.kv.modRevision;
    if (event.type === 'put') {
      return { type: 'put', revision, object: this.#read(event.kv), previous, frames: new Map() };
    }
    if (previous === undefined) return undefined;
    return { type: 'delete', revision, object: { ...previous, revision }, previous, frames: new Map() };
  }

  /** A key's value with its index record. */
  read(kv: KeyValue): CachedObject {
    return this.#read(kv);
  }

  #read(kv: KeyValue): CachedObject {
    const expected = this.#expected.get(kv.key);
    // Another write of the same key may have come first, or it is the key's past that is read.
    if (expected?.value === kv.value) return cachedObject(kv.key, kv.modRevision, kv.value, expected.index);
    let value = kv.value;
    let object = parseExactJson(value) as KubernetesObject;
    if (!this.form.isOf(value)) {
      object = this.#reencode(object);
      value = this.form.encode(object);
    }
    return cachedObject(kv.key, kv.modRevision, value, indexRecordOf(object, this.#selectableFields));
  }

  #insert(object: CachedObject): void {
    const before = this.#byKey.get(object.key);
    this.#bytes += object.value.length - (before?.value.length ?? 0);
    this.#byKey.set(object.key, object);
    this.#objects.set(object.key, object);
  }

  #remove(key: string): void {
    this.#bytes -= this.#byKey.get(key)?.value.length ?? 0;
    this.#byKey.delete(key);
    this.#objects.delete(key);
  }
}

function cachedObject(key: string, revision: number, value: Uint8Array, index: IndexRecord): CachedObject {
  const { namespace, name, labels, fields } = index;
  return { key, revision, value, namespace, name, labels, fields };
}
