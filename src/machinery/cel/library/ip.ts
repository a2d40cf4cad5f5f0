/** IP addresses in expressions. */
import type { IPAddress } from '../../ip-address.ts';
import { formatIP, parseIP, parseWrittenIP } from '../../ip-address.ts';
import { quote } from '../../quote.ts';
import type { Library, Overload } from '../declarations.ts';
import { global, member, object, string } from '../declarations.ts';
import { fail } from '../failure.ts';
import { boolType, intType, opaqueType, stringType } from '../types.ts';
import { CelObject } from '../values.ts';
import { addressProblem } from './netip-problem.ts';

export const ipType = opaqueType('net.IP');

export class CelIP extends CelObject {
  readonly celType = ipType;
  readonly address: IPAddress;

  constructor(address: IPAddress) {
    super();
    this.address = address;
  }

  /** Its bytes. */
  override get size(): number {
    return this.address.family === 4 ? 4 : 16;
  }

  override equals(other: CelObject): boolean {
    return (
      other instanceof CelIP &&
      this.address.family === other.address.family &&
      this.address.value === other.address.value
    );
  }

  override toJSON(): string {
    return formatIP(this.address);
  }
}

export const ip = object(ipType, CelIP);

function problemOf(text: string): string {
  const zone = text.indexOf('%');
  if (zone > 0 && zone < text.length - 1 && parseIP(text.slice(0, zone))?.family === 6) {
    return `IP address ${quote(text)} with zone value is not allowed`;
  }
  const written = parseWrittenIP(text);
  if (written !== undefined && written.isMapped && !written.hasLeadingZeros) {
    return `IPv4-mapped IPv6 address ${quote(text)} is not allowed`;
  }
  return `IP Address ${quote(text)} parse error during conversion from string: ${addressProblem(text)}`;
}

export function readIP(text: string): CelIP {
  const address = parseIP(text);
  return address === undefined ? fail(problemOf(text)) : new CelIP(address);
}

function startsWith(address: IPAddress, bits: number, prefix: bigint): boolean {
  const total = address.family === 4 ? 32 : 128;
  return address.value >> BigInt(total - bits) === prefix;
}

const isLoopback = (address: IPAddress): boolean =>
  address.family === 4 ? startsWith(address, 8, 127n) : address.value === 1n;

const isLinkLocalMulticast = (address: IPAddress): boolean =>
  address.family === 4 ? startsWith(address, 24, 0xe00000n) : ((address.value >> 112n) & 0xff0fn) === 0xff02n;

const isLinkLocalUnicast = (address: IPAddress): boolean =>
  address.family === 4 ? startsWith(address, 16, 0xa9fen) : startsWith(address, 10, 0x3fan);

const isMulticast = (address: IPAddress): boolean =>
  address.family === 4 ? startsWith(address, 4, 0xen) : startsWith(address, 8, 0xffn);

function isGlobalUnicast(address: IPAddress): boolean {
  if (address.value === 0n || (address.family === 4 && address.value === 0xffff_ffffn)) return false;
  return !isLoopback(address) && !isMulticast(address) && !isLinkLocalUnicast(address);
}

function property(id: string, holds: (address: IPAddress) => boolean): Overload[] {
  return [member(id, [ip], boolType, ({ address }) => holds(address))];
}

export const ipLibrary: Library = {
  ip: [global('string_to_ip', [string], ipType, readIP)],
  isIP: [global('is_ip', [string], boolType, (text) => parseIP(text) !== undefined)],
  'ip.isCanonical': [global('ip_is_canonical', [string], boolType, (text) => formatIP(readIP(text).address) === text)],
  family: [member('ip_family', [ip], intType, ({ address }) => address.family)],
  isUnspecified: property('ip_is_unspecified', ({ value }) => value === 0n),
  isLoopback: property('ip_is_loopback', isLoopback),
  isLinkLocalMulticast: property('ip_is_link_local_multicast', isLinkLocalMulticast),
  isLinkLocalUnicast: property('ip_is_link_local_unicast', isLinkLocalUnicast),
  isGlobalUnicast: property('ip_is_global_unicast', isGlobalUnicast),
  string: [global('ip_to_string', [ip], stringType, ({ address }) => formatIP(address))],
};
