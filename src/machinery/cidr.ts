import { addressBits, formatIP, parseWrittenIP } from './ip-address.ts';
import type { IPAddress, WrittenIP } from './ip-address.ts';

/** A network: all addresses that share a prefix. Immutable. */
export class CIDR {
  readonly family: 4 | 6;
  readonly prefixLength: number;
  /** The first address. */
  readonly base: bigint;

  /** Bits beyond the prefix are cleared. Throws a RangeError when the prefix is longer than an address. */
  constructor(address: IPAddress, prefixLength: number) {
    const bits = addressBits(address.family);
    if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > bits) {
      throw new RangeError(`an IPv${address.family} prefix has 0 to ${bits} bits, not ${prefixLength}`);
    }
    this.family = address.family;
    this.prefixLength = prefixLength;
    const hostBits = BigInt(bits - prefixLength);
    this.base = (address.value >> hostBits) << hostBits;
  }

  /** Reads a network strictly: no leading zeros, no bits beyond the prefix; undefined when it is none. */
  static parse(text: string): CIDR | undefined {
    const written = parseWrittenCIDR(text);
    if (written === undefined || written.hasLeadingZeros || written.address.isMapped) return undefined;
    return written.network.base === written.address.value ? written.network : undefined;
  }

  /** How many addresses it holds. */
  get size(): bigint {
    return 1n << BigInt(addressBits(this.family) - this.prefixLength);
  }

  contains(address: IPAddress): boolean {
    return address.family === this.family && address.value >= this.base && address.value < this.base + this.size;
  }

  /** Whether they share an address: then one lies within the other. */
  overlaps(other: CIDR): boolean {
    if (this.family !== other.family) return false;
    return this.base < other.base + other.size && other.base < this.base + this.size;
  }

  /** The address so far from the first one; a RangeError outside the network. */
  at(offset: bigint): IPAddress {
    if (offset < 0n || offset >= this.size) throw new RangeError(`${this} has no address ${offset}`);
    return { family: this.family, value: this.base + offset };
  }

  /** The part with this number when it is cut into networks of a longer prefix; a RangeError when there is none. */
  subnet(prefixLength: number, index: bigint): CIDR {
    const bits = addressBits(this.family);
    if (prefixLength < this.prefixLength || index < 0n || index >= 1n << BigInt(prefixLength - this.prefixLength)) {
      throw new RangeError(`${this} has no network ${index} of ${prefixLength} bits`);
    }
    return new CIDR({ family: this.family, value: this.base + (index << BigInt(bits - prefixLength)) }, prefixLength);
  }

  /** The canonical form, such as `10.96.0.0/12`. */
  toString(): string {
    return `${formatIP({ family: this.family, value: this.base })}/${this.prefixLength}`;
  }
}

/** How a network was written. */
export interface WrittenCIDR {
  /** The address before the slash, which may have bits beyond the prefix. */
  readonly address: WrittenIP;
  /** The number after the slash, out of 32 or, for IPv6 and IPv4 within it, 128. */
  readonly prefixLength: number;
  readonly network: CIDR;
  /** In the address or in the number after the slash. */
  readonly hasLeadingZeros: boolean;
}

/** Reads every form that upstream ever accepted; undefined when the text is no network. */
export function parseWrittenCIDR(text: string): WrittenCIDR | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? undefined : parseWrittenIP(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === undefined || !/^\d{1,9}$/.test(digits)) return undefined;
  const prefixLength = Number(digits);
  if (prefixLength > (address.isMapped ? 128 : addressBits(address.family))) return undefined;
  return {
    address,
    prefixLength,
    network: networkOf(address, prefixLength),
    hasLeadingZeros: address.hasLeadingZeros || (digits.length > 1 && digits.startsWith('0')),
  };
}

function networkOf(address: WrittenIP, prefixLength: number): CIDR {
  if (!address.isMapped) return new CIDR(address, prefixLength);
  if (prefixLength >= 96) return new CIDR(address, prefixLength - 96);
  // The prefix ends before the IPv4 part: what is left is a network of IPv6.
  return new CIDR({ family: 6, value: (0xffffn << 32n) | address.value }, prefixLength);
}
