/** IP addresses as numbers. An IPv4 address written within IPv6 (`::ffff:1.2.3.4`) is that IPv4 address. */
export interface IPAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** How an address was written. */
export interface WrittenIP extends IPAddress {
  /** With more zeros than digits are allowed: `010.0.0.1`, which some programs take for octal. */
  readonly hasLeadingZeros: boolean;
  /** `::ffff:1.2.3.4` */
  readonly isMapped: boolean;
}

export function addressBits(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

const mappedPrefix = 0xffffn;

interface Digits {
  readonly value: bigint;
  readonly hasLeadingZeros: boolean;
}

function readIPv4(text: string): Digits | undefined {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(text)) return undefined;
  let value = 0n;
  let hasLeadingZeros = false;
  for (const part of text.split('.')) {
    const number = Number(part);
    if (number > 255) return undefined;
    value = (value << 8n) | BigInt(number);
    hasLeadingZeros ||= part.length > 1 && part.startsWith('0');
  }
  return { value, hasLeadingZeros };
}

/** Groups of up to 16 bits between colons; undefined when one is none. */
function readGroups(text: string): { groups: bigint[]; hasLeadingZeros: boolean } | undefined {
  if (text === '') return { groups: [], hasLeadingZeros: false };
  const groups: bigint[] = [];
  let hasLeadingZeros = false;
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const last = readIPv4(part);
      if (last === undefined) return undefined;
      groups.push(last.value >> 16n, last.value & 0xffffn);
      hasLeadingZeros ||= last.hasLeadingZeros;
      continue;
    }
    if (!/^0*[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
    groups.push(BigInt(`0x${part}`));
    hasLeadingZeros ||= part.length > 4;
  }
  return { groups, hasLeadingZeros };
}

function readIPv6(text: string): Digits | undefined {
  const gap = text.indexOf('::');
  const left = readGroups(gap < 0 ? text : text.slice(0, gap));
  const right = readGroups(gap < 0 ? '' : text.slice(gap + 2));
  if (left === undefined || right === undefined) return undefined;
  // Digits with dots may only end the whole address.
  if (gap >= 0 && text.slice(0, gap).includes('.')) return undefined;
  const missing = 8 - left.groups.length - right.groups.length;
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  const zeros = Array.from({ length: missing }, () => 0n);
  const groups = [...left.groups, ...zeros, ...right.groups];
  const value = groups.reduce((sum, group) => (sum << 16n) | group, 0n);
  return { value, hasLeadingZeros: left.hasLeadingZeros || right.hasLeadingZeros };
}

/** No address is longer, and no number below is read from more digits than these. */
const maxTextLength = 256;

/** Reads every form that upstream ever accepted; undefined when the text is no address. */
export function parseWrittenIP(text: string): WrittenIP | undefined {
  if (text.length > maxTextLength) return undefined;
  if (!text.includes(':')) {
    const read = readIPv4(text);
    return read === undefined ? undefined : { family: 4, ...read, isMapped: false };
  }
  const read = readIPv6(text);
  if (read === undefined) return undefined;
  const isMapped = read.value >> 32n === mappedPrefix;
  return isMapped
    ? { family: 4, value: read.value & 0xffff_ffffn, hasLeadingZeros: read.hasLeadingZeros, isMapped }
    : { family: 6, ...read, isMapped };
}

/** Reads an address strictly: no leading zeros, no IPv4 within IPv6; undefined when it is none. */
export function parseIP(text: string): IPAddress | undefined {
  const written = parseWrittenIP(text);
  if (written === undefined || written.hasLeadingZeros || written.isMapped) return undefined;
  return { family: written.family, value: written.value };
}

/** The canonical form: four numbers, or RFC 5952. */
export function formatIP({ family, value }: IPAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn);
  let [gapStart, gapLength] = [-1, 1];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0n) end++;
    if (end - start > gapLength) [gapStart, gapLength] = [start, end - start];
    start = Math.max(start, end - 1);
  }
  const print = (part: bigint[]): string => part.map((group) => group.toString(16)).join(':');
  if (gapStart < 0) return print(groups);
  return `${print(groups.slice(0, gapStart))}::${print(groups.slice(gapStart + gapLength))}`;
}

/** The address as canonical text; undefined when the text is none that `parseIP` reads. */
export function canonicalIP(text: string): string | undefined {
  const address = parseIP(text);
  return address === undefined ? undefined : formatIP(address);
}
