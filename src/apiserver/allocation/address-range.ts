import type { CIDR } from '../../machinery/cidr.ts';
import { formatIP, parseWrittenIP, type IPAddress } from '../../machinery/ip-address.ts';
import type { Random } from '../../machinery/random.ts';
import { pickFree, type Bands } from './pick-free.ts';

export type IPFamily = 'IPv4' | 'IPv6';

/** An address that is asked for cannot be given. The messages are upstream's. */
export class AllocationError extends Error {
  override name = 'AllocationError';
}

export const alreadyAllocated = 'provided IP is already allocated';
export const notInRange = 'the provided network does not match the current range';
export const rangeIsFull = 'range is full';

const minStaticSize = 16n;
const maxStaticSize = 256n;
const staticShare = 16n;

/** How many addresses are left to those who choose: a sixteenth, 16 to 256; none of a network that is hardly larger. */
export function staticAddresses(networkSize: bigint): bigint {
  if (networkSize <= minStaticSize) return 0n;
  const share = networkSize / staticShare;
  if (share < minStaticSize) return minStaticSize;
  return share > maxStaticSize ? maxStaticSize : share;
}

/** An address in the form in which it is compared and stored; undefined when it is none. */
export function canonicalAddress(text: string): string | undefined {
  const ip = parseWrittenIP(text);
  return ip === undefined ? undefined : formatIP(ip);
}

/** The addresses of one network that Services can have. */
export class AddressRange {
  readonly network: CIDR;
  readonly family: IPFamily;
  readonly #bands: Bands;
  readonly #keepsFirst: boolean;

  /** @param keepsFirst The first address is never picked: it is that of the API server's own Service. */
  constructor(network: CIDR, keepsFirst: boolean) {
    this.network = network;
    this.#keepsFirst = keepsFirst;
    this.family = network.family === 4 ? 'IPv4' : 'IPv6';
    // Neither the network's own address nor, in IPv4, that for all.
    const size = network.size - (network.family === 4 ? 2n : 1n);
    const staticSize = staticAddresses(network.size);
    this.#bands = { size: size < 0n ? 0n : size, staticSize: staticSize < size ? staticSize : 0n };
  }

  contains(address: IPAddress): boolean {
    if (!this.network.contains(address)) return false;
    const index = address.value - this.network.base - 1n;
    return index >= 0n && index < this.#bands.size;
  }

  /** Whether the address may be given out; throws an AllocationError that says why not. */
  check(text: string, isTaken: (address: string) => boolean): void {
    const address = parseWrittenIP(text);
    if (address === undefined || !this.contains(address)) throw new AllocationError(notInRange);
    if (isTaken(formatIP(address))) throw new AllocationError(alreadyAllocated);
  }

  /** Any address that is free; undefined when none is. */
  pickFree(isTaken: (address: string) => boolean, random: Random): string | undefined {
    const at = (index: bigint): string => formatIP(this.network.at(index + 1n));
    const isFree = (index: bigint): boolean => !(index === 0n && this.#keepsFirst) && !isTaken(at(index));
    const index = pickFree(this.#bands, isFree, random);
    return index === undefined ? undefined : at(index);
  }
}
