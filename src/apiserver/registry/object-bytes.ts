import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';
import { parseExactJson } from '../../api/schema/exact-json.ts';
import { keptBytes } from './value-slab.ts';

/**
 * The form in which objects are stored, and sent without being read again.
 *
 * Stored bytes are the object's JSON without its resourceVersion, which is known only once it is written; they always
 * begin with `{"kind":K,"apiVersion":V,"metadata":{`, so the version can be put in at one fixed place while copying.
 */
export class ObjectForm {
  /** What all stored bytes of this kind begin with. */
  readonly head: Buffer;
  readonly #head: string;
  /** The head with what stands before the resource version. */
  readonly #versionedHead: Buffer;
  readonly kind: string;
  readonly apiVersion: string;
  /** What one item of a typed list begins with: upstream leaves kind and apiVersion out there. */
  static readonly itemHead: Buffer = Buffer.from('{"metadata":{"resourceVersion":"');

  constructor(definition: Pick<ResourceDefinition, 'kind'>, group: string, version: string) {
    this.kind = definition.kind;
    this.apiVersion = group === '' ? version : `${group}/${version}`;
    this.#head = `{"kind":${JSON.stringify(this.kind)},"apiVersion":${JSON.stringify(this.apiVersion)},"metadata":{`;
    this.head = Buffer.from(this.#head);
    this.#versionedHead = Buffer.from(`${this.#head}"resourceVersion":"`);
  }

  /** An object as stored bytes. Its `kind`, `apiVersion` and `resourceVersion` are set aside; the object is not changed. */
  encode(object: KubernetesObject): Buffer {
    const metadata: { resourceVersion?: string | undefined } = object.metadata ?? {};
    const { resourceVersion } = metadata;
    // Not deleted: that would make every later use of the object slow.
    if (resourceVersion !== undefined) metadata.resourceVersion = undefined;
    let text = '';
    // Nearly all objects have their kind and their fields in the order in which they are stored.
    if (object.kind === this.kind && object.apiVersion === this.apiVersion) text = JSON.stringify(object);
    if (!text.startsWith(this.#head)) {
      const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, ...rest } = object;
      text = JSON.stringify({ kind: this.kind, apiVersion: this.apiVersion, metadata, ...rest });
    }
    if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
    return keptBytes(text);
  }

  /** Whether bytes from a store have this form; bytes that another program wrote may not. */
  isOf(value: Uint8Array): boolean {
    const { head } = this;
    return value.length > head.length && head.equals(value.subarray(0, head.length));
  }

  /** Stored bytes as an object, with its resource version; 0: it has none, as nothing of it is stored. */
  decode(value: Uint8Array, revision: number): KubernetesObject {
    const object = parseExactJson(value) as KubernetesObject;
    object.metadata ??= {};
    if (revision > 0) object.metadata.resourceVersion = String(revision);
    return object;
  }

  /** The complete JSON of an object: stored bytes with their resource version; 0: none, as `decode`. */
  withVersion(value: Uint8Array, revision: number): Buffer {
    if (revision === 0) return asBuffer(value);
    const rest = value.subarray(this.head.length);
    const bytes = Buffer.allocUnsafe(this.#versionedHead.length + digitsOf(revision) + 2 + rest.length);
    bytes.set(this.#versionedHead, 0);
    bytes.set(rest, writeVersion(bytes, this.#versionedHead.length, revision));
    return bytes;
  }

  /** Bytes that `writeItem` needs at most. */
  itemBound(value: Uint8Array): number {
    return value.length + itemOverheadBytes;
  }

  /** Writes an object as an item of a typed list; returns where it ends. */
  writeItem(target: Buffer, at: number, value: Uint8Array, revision: number): number {
    target.set(ObjectForm.itemHead, at);
    at = writeVersion(target, at + ObjectForm.itemHead.length, revision);
    const rest = value.subarray(this.head.length);
    target.set(rest, at);
    return at + rest.length;
  }
}

const quote = '"'.charCodeAt(0);
const comma = ','.charCodeAt(0);
const zero = '0'.charCodeAt(0);
/** The item's head, the 16 digits of the largest safe integer, and what follows them. */
const itemOverheadBytes = ObjectForm.itemHead.length + 16 + 2;

function digitsOf(revision: number): number {
  let digits = 1;
  for (let power = 10; power <= revision; power *= 10) digits++;
  return digits;
}

/**
 * Writes a revision and what follows it; returns where that ends. A list has one for each item: to make it as text and
 * then copy it would be slower.
 */
function writeVersion(target: Buffer, at: number, revision: number): number {
  const end = at + digitsOf(revision);
  let rest = revision;
  for (let i = end - 1; i >= at; i--) {
    const next = Math.floor(rest / 10);
    target[i] = zero + (rest - next * 10);
    rest = next;
  }
  target[end] = quote;
  target[end + 1] = comma;
  return end + 2;
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
