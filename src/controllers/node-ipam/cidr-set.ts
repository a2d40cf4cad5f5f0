import type { CIDR } from '../../machinery/cidr.ts';

/** More networks than this are not kept account of, as upstream. */
const maxBits = 16;

/** The networks of one length that a larger one is cut into, and which of them are in use. */
export class CIDRSet {
  readonly cluster: CIDR;
  readonly #prefixLength: number;
  readonly #count: number;
  /** By number. */
  readonly #used = new Set<number>();
  #next = 0;

  /** Throws a RangeError when the parts would be larger than the whole, or too many. */
  constructor(cluster: CIDR, prefixLength: number) {
    const bits = prefixLength - cluster.prefixLength;
    if (bits < 0) throw new RangeError(`a network of ${prefixLength} bits does not fit into ${cluster}`);
    if (bits > maxBits) {
      throw new RangeError(`${cluster} has too many networks of ${prefixLength} bits: at most ${2 ** maxBits}`);
    }
    this.cluster = cluster;
    this.#prefixLength = prefixLength;
    this.#count = 2 ** bits;
  }

  /** The next free one, after the one that was taken last; undefined: none is free. */
  allocate(): CIDR | undefined {
    if (this.#used.size >= this.#count) return undefined;
    while (this.#used.has(this.#next)) this.#next = (this.#next + 1) % this.#count;
    const index = this.#next;
    this.#used.add(index);
    this.#next = (index + 1) % this.#count;
    return this.cluster.subnet(this.#prefixLength, BigInt(index));
  }

  /** Keeps what a network covers from being given away. Throws a RangeError when that is outside. */
  occupy(network: CIDR): void {
    for (const index of this.#covered(network)) this.#used.add(index);
  }

  release(network: CIDR): void {
    for (const index of this.#covered(network)) this.#used.delete(index);
  }

  *#covered(network: CIDR): Iterable<number> {
    const { cluster } = this;
    if (!cluster.overlaps(network)) throw new RangeError(`${network} is not within ${cluster}`);
    const { size } = cluster.subnet(this.#prefixLength, 0n);
    const from = network.base > cluster.base ? network.base - cluster.base : 0n;
    const networkEnd = network.base + network.size - cluster.base;
    const to = networkEnd < cluster.size ? networkEnd : cluster.size;
    const last = Number((to - 1n) / size);
    for (let index = Number(from / size); index <= last; index++) yield index;
  }
}
