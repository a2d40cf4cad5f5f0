/** IP addresses and networks as octets: what certificates carry and address ranges are computed with. */
import { isIP, isIPv4 } from 'node:net';

/** The 4 or 16 octets of an IP address in text form, in network order. The address must be valid (`net.isIP`). */
export function ipOctets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const withoutZone = address.split('%')[0] ?? '';
  // The last 32 bits may be in dotted form.
  const embedded = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(withoutZone);
  const groupsText =
    embedded === null
      ? withoutZone
      : `${embedded[1]}${hexPair(embedded[2], embedded[3])}:${hexPair(embedded[4], embedded[5])}`;
  const [head = '', tail] = groupsText.split('::');
  const groupsOf = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  const octets = Buffer.alloc(16);
  for (const [index, group] of [...first, ...zeros, ...last].entries()) octets.writeUInt16BE(group, index * 2);
  return octets;
}

function hexPair(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

/** The text of 4 or 16 octets; IPv6 in the form of RFC 5952. */
export function ipText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const buffer = Buffer.from(octets);
  const groups = Array.from({ length: 8 }, (_, index) => buffer.readUInt16BE(index * 2));
  const { start, length } = longestZeroRun(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  // One zero group alone is written out.
  return length < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let run = 0;
  for (const [index, group] of groups.entries()) {
    run = group === 0 ? run + 1 : 0;
    if (run > best.length) best = { start: index - run + 1, length: run };
  }
  return best;
}

/** A network such as `10.96.0.0/12`. */
export interface Cidr {
  readonly family: 4 | 6;
  /** The network's address: the bits after the prefix are zero. */
  readonly network: Buffer;
  readonly prefixLength: number;
}

/** Reads CIDR notation; host bits are dropped, as Go's `net.ParseCIDR` does. Undefined when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const [, address = '', lengthText = ''] = match ?? [];
  const family = isIP(address);
  const prefixLength = Number(lengthText);
  if (family === 0 || address.includes('%') || prefixLength > (family === 4 ? 32 : 128)) return undefined;
  // Go refuses leading zeros here.
  if (lengthText !== String(prefixLength)) return undefined;
  const network = ipOctets(address);
  for (const [index, octet] of network.entries()) {
    const bitsKept = Math.min(8, Math.max(0, prefixLength - index * 8));
    network[index] = octet & (0xff << (8 - bitsKept));
  }
  return { family: family === 4 ? 4 : 6, network, prefixLength };
}

/** The address `offset` after the network's own; undefined when it lies outside the network. */
export function addressIn({ network, prefixLength }: Cidr, offset: number): string | undefined {
  const hostBits = network.length * 8 - prefixLength;
  if (offset >= 2 ** hostBits) return undefined;
  const octets = Buffer.from(network);
  let carry = offset;
  for (let index = octets.length - 1; index >= 0 && carry > 0; index--) {
    carry += octets[index] ?? 0;
    octets[index] = carry % 256;
    carry = Math.floor(carry / 256);
  }
  return ipText(octets);
}
