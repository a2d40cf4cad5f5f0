/**
 * The few protobuf messages of KMS v2 (`k8s.io/kms/apis/v2`) and of what is stored (`EncryptedObject`): fields of bytes,
 * numbers, and a map of bytes by name.
 */

/** A message as its fields, in the order in which they came. */
export type WireField = readonly [number: number, value: Uint8Array | number];

export class WireError extends Error {
  override name = 'WireError';
}

const bytesType = 2;
const varintType = 0;

export function encodeMessage(fields: readonly WireField[]): Buffer {
  const pieces: Uint8Array[] = [];
  for (const [number, value] of fields) {
    // What is empty is not there.
    if (typeof value === 'number') {
      if (value !== 0) pieces.push(varint(number * 8 + varintType), varint(value));
    } else if (value.length > 0) pieces.push(varint(number * 8 + bytesType), varint(value.length), value);
  }
  return Buffer.concat(pieces);
}

/** Throws WireError for what is no message. */
export function decodeMessage(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new WireError('proto: cannot parse invalid wire-format data');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new WireError('proto: cannot parse invalid wire-format data');
  };
  while (at < bytes.length) {
    const tag = read();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (type === varintType) fields.push([number, read()]);
    else if (type === bytesType) {
      const length = read();
      if (at + length > bytes.length) throw new WireError('proto: cannot parse invalid wire-format data');
      fields.push([number, bytes.subarray(at, at + length)]);
      at += length;
    } else throw new WireError('proto: cannot parse invalid wire-format data');
  }
  return fields;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

const nothing = Buffer.alloc(0);

export function bytesOf(fields: readonly WireField[], number: number): Buffer {
  const value = fields.findLast(([one]) => one === number)?.[1];
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : nothing;
}

export function textOf(fields: readonly WireField[], number: number): string {
  return bytesOf(fields, number).toString('utf8');
}

export function numberOf(fields: readonly WireField[], number: number): number {
  const value = fields.findLast(([one]) => one === number)?.[1];
  return typeof value === 'number' ? value : 0;
}

export type BytesByName = Readonly<Record<string, Uint8Array>>;

export function mapOf(fields: readonly WireField[], number: number): BytesByName {
  const entries = fields
    .filter(([one]) => one === number)
    .map(([, value]): [string, Uint8Array] => {
      const entry = value instanceof Uint8Array ? decodeMessage(value) : [];
      return [textOf(entry, 1), bytesOf(entry, 2)];
    });
  return Object.fromEntries(entries);
}

/** In the order of the names: the same map is the same bytes. */
export function mapFields(number: number, map: BytesByName): WireField[] {
  const names = Object.keys(map).sort();
  return names.map((name): WireField => {
    const entry: WireField[] = [
      [1, Buffer.from(name, 'utf8')],
      [2, map[name] ?? nothing],
    ];
    return [number, encodeMessage(entry)];
  });
}
