/**
 * Distinguished Encoding Rules (ITU-T X.690): as much of writing and reading as certificates need. Ours because starting
 * up must not wait: loading a general library costs more than everything else that a first start does.
 */

/** Universal tags (X.690 §8); `constructed` is already in those that are. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value: tag, length, contents. */
export function encode(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...contents]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return encode(tags.sequence, ...contents);
}

/** A non-negative integer from its big-endian octets. */
export function integer(octets: Uint8Array): Buffer {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const shortest = octets.subarray(start);
  // A leading bit would make it negative.
  return (shortest[0] ?? 0) >= 0x80 || shortest.length === 0
    ? encode(tags.integer, Buffer.from([0]), shortest)
    : encode(tags.integer, shortest);
}

export function boolean(value: boolean): Buffer {
  return encode(tags.boolean, Buffer.from([value ? 0xff : 0]));
}

export function octetString(contents: Uint8Array): Buffer {
  return encode(tags.octetString, contents);
}

export function bitString(contents: Uint8Array, unusedBits = 0): Buffer {
  return encode(tags.bitString, Buffer.from([unusedBits]), contents);
}

/** From dotted form: `1.2.840.10045.2.1`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const group = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) group.unshift(0x80 | (left % 128));
    octets.push(...group);
  }
  return encode(tags.objectIdentifier, Buffer.from(octets));
}

export function utf8String(text: string): Buffer {
  return encode(tags.utf8String, Buffer.from(text, 'utf8'));
}

/** A context-specific tag `[number]`. */
export function context(number: number, constructed: boolean, ...contents: readonly Uint8Array[]): Buffer {
  return encode(0x80 | (constructed ? 0x20 : 0) | number, ...contents);
}

/** A certificate's time: UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). Seconds are cut off. */
export function time(ms: number): Buffer {
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:T]/g, '');
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050
    ? encode(tags.utcTime, Buffer.from(`${digits.slice(2)}Z`, 'latin1'))
    : encode(tags.generalizedTime, Buffer.from(`${digits}Z`, 'latin1'));
}

/** One value that was read. */
export interface Element {
  readonly tag: number;
  readonly contents: Buffer;
  /** The whole value, its tag and length included. */
  readonly raw: Buffer;
}

/** What is not well-formed DER. */
export class DerError extends Error {
  override name = 'DerError';
}

/** The values that stand one after the other in `bytes`. Throws DerError. */
export function decodeAll(bytes: Uint8Array): Element[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Element[] = [];
  for (let at = 0; at < buffer.length;) {
    const element = decodeAt(buffer, at);
    elements.push(element);
    at += element.raw.length;
  }
  return elements;
}

/** The one value that `bytes` is. Throws DerError, also when something follows it. */
export function decode(bytes: Uint8Array): Element {
  const [element, ...rest] = decodeAll(bytes);
  if (element === undefined) throw new DerError('there is no value');
  if (rest.length > 0) throw new DerError('something follows the value');
  return element;
}

function decodeAt(buffer: Buffer, start: number): Element {
  const tag = buffer[start];
  let length = buffer[start + 1];
  if (tag === undefined || length === undefined) throw new DerError(`a value is cut off at octet ${start}`);
  if ((tag & 0x1f) === 0x1f) throw new DerError(`a tag of several octets at octet ${start} is not supported`);
  let contentsStart = start + 2;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    // Four octets of length are 4 GiB: no certificate is as long, and more would lose precision.
    if (octets === 0 || octets > 4) throw new DerError(`a length at octet ${start + 1} is indefinite or too long`);
    if (contentsStart + octets > buffer.length) throw new DerError(`a value is cut off at octet ${start}`);
    length = buffer.readUIntBE(contentsStart, octets);
    contentsStart += octets;
  }
  const end = contentsStart + length;
  if (end > buffer.length) throw new DerError(`a value is cut off at octet ${start}`);
  return { tag, contents: buffer.subarray(contentsStart, end), raw: buffer.subarray(start, end) };
}

/** An object identifier's contents in dotted form. */
export function dottedForm(contents: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of contents) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40));
      arcs.push(first, arc - first * 40);
    } else {
      arcs.push(arc);
    }
    arc = 0;
  }
  return arcs.join('.');
}
