/** Networks in expressions. */
import type { IPAddress } from '../../ip-address.ts';
import { formatIP } from '../../ip-address.ts';
import { CIDR, parseWrittenCIDR } from '../../cidr.ts';
import { quote } from '../../quote.ts';
import type { Library } from '../declarations.ts';
import { global, member, object, string } from '../declarations.ts';
import { fail } from '../failure.ts';
import { boolType, intType, opaqueType, stringType } from '../types.ts';
import { CelObject } from '../values.ts';
import { CelIP, ip, ipType, readIP } from './ip.ts';
import { addressProblem } from './netip-problem.ts';

export const cidrType = opaqueType('net.CIDR');

/** A network as it was written: the address may have bits beyond the prefix. */
export class CelCIDR extends CelObject {
  readonly celType = cidrType;
  readonly address: IPAddress;
  readonly network: CIDR;

  constructor(address: IPAddress, prefixLength: number) {
    super();
    this.address = address;
    this.network = new CIDR(address, prefixLength);
  }

  /** Bytes that the prefix reaches into. */
  override get size(): number {
    return Math.ceil(this.network.prefixLength / 8);
  }

  override equals(other: CelObject): boolean {
    return (
      other instanceof CelCIDR &&
      this.address.family === other.address.family &&
      this.address.value === other.address.value &&
      this.network.prefixLength === other.network.prefixLength
    );
  }

  override toJSON(): string {
    return `${formatIP(this.address)}/${this.network.prefixLength}`;
  }
}

const cidr = object(cidrType, CelCIDR);

function read(text: string): CelCIDR | undefined {
  const written = parseWrittenCIDR(text);
  if (written === undefined || written.hasLeadingZeros || written.address.isMapped) return undefined;
  const { family, value } = written.address;
  return new CelCIDR({ family, value }, written.prefixLength);
}

function prefixProblem(text: string): string {
  const of = (what: string): string => `netip.ParsePrefix(${quote(text)}): ${what}`;
  const slash = text.lastIndexOf('/');
  if (slash < 0) return of("no '/'");
  const digits = text.slice(slash + 1);
  const written = parseWrittenCIDR(`${text.slice(0, slash)}/0`);
  if (written === undefined || written.hasLeadingZeros) return of(addressProblem(text.slice(0, slash)));
  if (digits === '' || !/^\d+$/.test(digits) || (digits.length > 1 && digits.startsWith('0'))) {
    return of(`bad bits after slash: ${quote(digits)}`);
  }
  return of('prefix length out of range');
}

function parse(text: string): CelCIDR {
  const found = read(text);
  if (found !== undefined) return found;
  const written = parseWrittenCIDR(text);
  const outer = 'network address parse error during conversion from string: ';
  if (written?.address.isMapped === true && !written.hasLeadingZeros) {
    return fail(`${outer}IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  }
  return fail(`${outer}${outer}${prefixProblem(text)}`);
}

function contains(outer: CelCIDR, inner: CelCIDR): boolean {
  return outer.network.prefixLength <= inner.network.prefixLength && outer.network.contains(inner.address);
}

export const cidrLibrary: Library = {
  cidr: [global('string_to_cidr', [string], cidrType, parse)],
  isCIDR: [global('is_cidr', [string], boolType, (text) => read(text) !== undefined)],
  containsIP: [
    member('cidr_contains_ip_string', [cidr, string], boolType, (network, text) =>
      network.network.contains(readIP(text).address),
    ),
    member('cidr_contains_ip_ip', [cidr, ip], boolType, (network, { address }) => network.network.contains(address)),
  ],
  containsCIDR: [
    member('cidr_contains_cidr_string', [cidr, string], boolType, (network, text) => contains(network, parse(text))),
    member('cidr_contains_cidr', [cidr, cidr], boolType, contains),
  ],
  ip: [member('cidr_ip', [cidr], ipType, ({ address }) => new CelIP(address))],
  prefixLength: [member('cidr_prefix_length', [cidr], intType, ({ network }) => network.prefixLength)],
  masked: [
    member(
      'cidr_masked',
      [cidr],
      cidrType,
      ({ network }) => new CelCIDR({ family: network.family, value: network.base }, network.prefixLength),
    ),
  ],
  string: [global('cidr_to_string', [cidr], stringType, (value) => value.toJSON())],
};
