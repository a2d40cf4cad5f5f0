import type { KubernetesObject, ResourceDefinition } from '../../api/contract.ts';

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
  readonly kind: string;
  readonly apiVersion: string;
  /** What one item of a typed list begins with: upstream leaves kind and apiVersion out there. */
  static readonly itemHead: Buffer = Buffer.from('{"metadata":{"resourceVersion":"');

  constructor(definition: Pick<ResourceDefinition, 'kind'>, group: string, version: string) {
    this.kind = definition.kind;
    this.apiVersion = group === '' ? version : `${group}/${version}`;
    this.#head = `{"kind":${JSON.stringify(this.kind)},"apiVersion":${JSON.stringify(this.apiVersion)},"metadata":{`;
    this.head = Buffer.from(this.#head);
  }

  /** An object as stored bytes. Its `kind`, `apiVersion` and `resourceVersion` are set aside; the object is not changed. */
  encode(object: KubernetesObject): Buffer {
    const { metadata = {} } = object;
    const { resourceVersion } = metadata;
    if (resourceVersion !== undefined) delete metadata.resourceVersion;
    // The head is written once for all objects; what follows it is the object's own.
    const body = JSON.stringify(metadata);
    if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
    let text = this.#head + body.slice(1);
    const fields = object as Readonly<Record<string, unknown>>;
    for (const name in fields) {
      if (name === 'kind' || name === 'apiVersion' || name === 'metadata' || fields[name] === undefined) continue;
      text += `,${JSON.stringify(name)}:${JSON.stringify(fields[name])}`;
    }
    return Buffer.from(`${text}}`, 'utf8');
  }

  /** Whether bytes from a store have this form; bytes that another program wrote may not. */
  isOf(value: Uint8Array): boolean {
    const { head } = this;
    return value.length > head.length && head.equals(value.subarray(0, head.length));
  }

  /** Stored bytes as an object, with its resource version. */
  decode(value: Uint8Array, revision: number): KubernetesObject {
    const object = JSON.parse(asBuffer(value).toString('utf8')) as KubernetesObject;
    (object.metadata ??= {}).resourceVersion = String(revision);
    return object;
  }

  /** The complete JSON of an object: stored bytes with their resource version. */
  withVersion(value: Uint8Array, revision: number): Buffer {
    const version = `"resourceVersion":"${revision}",`;
    const { head } = this;
    const bytes = Buffer.allocUnsafe(value.length + version.length);
    bytes.set(value.subarray(0, head.length), 0);
    bytes.write(version, head.length, 'latin1');
    bytes.set(value.subarray(head.length), head.length + version.length);
    return bytes;
  }

  /** Bytes that `writeItem` needs at most. */
  itemBound(value: Uint8Array): number {
    return value.length + itemOverheadBytes;
  }

  /** Writes an object as an item of a typed list; returns where it ends. */
  writeItem(target: Buffer, at: number, value: Uint8Array, revision: number): number {
    target.set(ObjectForm.itemHead, at);
    at = writeDigits(target, at + ObjectForm.itemHead.length, revision);
    target[at++] = quote;
    target[at++] = comma;
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

/** Writes a revision in decimal digits; returns where it ends. A list has one for each item: text would be slower. */
function writeDigits(target: Buffer, at: number, revision: number): number {
  let end = at + 1;
  for (let power = 10; power <= revision; power *= 10) end++;
  let rest = revision;
  for (let i = end - 1; i >= at; i--) {
    const next = Math.floor(rest / 10);
    target[i] = zero + (rest - next * 10);
    rest = next;
  }
  return end;
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
