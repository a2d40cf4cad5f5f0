import { randomUUID } from 'node:crypto';
import type { Disk } from './disk.ts';

interface Kept {
  readonly bytes: Buffer;
  readonly shard: string;
}

interface Metadata {
  name: string;
  labels?: Readonly<Record<string, string>>;
  uid?: string;
  creationTimestamp?: string;
  resourceVersion?: string;
}

interface PlainObject {
  metadata: Metadata;
  data?: Record<string, string>;
  status?: Record<string, unknown>;
}

type Watcher = (event: Buffer) => void;

/** One collection's objects as bytes, in the order in which they came. */
export class Objects {
  readonly #disk: Disk;
  readonly #collections = new Map<string, Map<string, Kept>>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  #revision = 1;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async create(collection: string, body: Buffer): Promise<Buffer> {
    const object = JSON.parse(body.toString('utf8')) as PlainObject;
    object.metadata.uid = randomUUID();
    object.metadata.creationTimestamp = new Date().toISOString();
    return this.#store(collection, object);
  }

  get(collection: string, name: string): Buffer | undefined {
    return this.#collections.get(collection)?.get(name)?.bytes;
  }

  /** Merges the members of `status` and `data`: all that the load patches. */
  async patch(collection: string, name: string, body: Buffer): Promise<Buffer | undefined> {
    const kept = this.get(collection, name);
    if (kept === undefined) return undefined;
    const object = JSON.parse(kept.toString('utf8')) as PlainObject;
    const patch = JSON.parse(body.toString('utf8')) as Partial<PlainObject>;
    if (patch.status !== undefined) object.status = { ...object.status, ...patch.status };
    if (patch.data !== undefined) object.data = { ...object.data, ...patch.data };
    const bytes = await this.#store(collection, object);
    const watchers = this.#watchers.get(collection);
    if (watchers !== undefined && watchers.size > 0) {
      const event = Buffer.concat([eventHead, bytes, eventTail]);
      for (const watcher of watchers) watcher(event);
    }
    return bytes;
  }

  async delete(collection: string, name: string): Promise<Buffer | undefined> {
    const kept = this.get(collection, name);
    if (kept === undefined) return undefined;
    await this.#disk.remove(`${collection}/${name}`);
    this.#collections.get(collection)?.delete(name);
    return kept;
  }

  /** @param shard Only objects with this label; '' for all. */
  list(collection: string, shard: string, limit: number): Buffer {
    const pieces: Buffer[] = [
      Buffer.from(`{"kind":"List","metadata":{"resourceVersion":"${this.#revision}"},"items":[`),
    ];
    for (const kept of this.#collections.get(collection)?.values() ?? []) {
      if (shard !== '' && kept.shard !== shard) continue;
      if (pieces.length > 1) pieces.push(comma);
      pieces.push(kept.bytes);
      if (limit > 0 && pieces.length >= limit * 2) break;
    }
    pieces.push(listTail);
    return Buffer.concat(pieces);
  }

  /** Returns what ends the watch. */
  watch(collection: string, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(collection) ?? new Set<Watcher>();
    this.#watchers.set(collection, watchers.add(watcher));
    return () => watchers.delete(watcher);
  }

  async #store(collection: string, object: PlainObject): Promise<Buffer> {
    const { metadata } = object;
    metadata.resourceVersion = String(++this.#revision);
    const bytes = Buffer.from(JSON.stringify(object), 'utf8');
    await this.#disk.put(`${collection}/${metadata.name}`, bytes);
    const kept = this.#collections.get(collection) ?? new Map<string, Kept>();
    this.#collections.set(collection, kept.set(metadata.name, { bytes, shard: metadata.labels?.['shard'] ?? '' }));
    return bytes;
  }
}

const comma = Buffer.from(',');
const listTail = Buffer.from(']}');
const eventHead = Buffer.from('{"type":"MODIFIED","object":');
const eventTail = Buffer.from('}\n');
