import type { PortRange } from '../../machinery/flags/flag-types.ts';
import type { Random } from '../../machinery/random.ts';
import { AllocationError } from './address-range.ts';
import { pickFree, type Bands } from './pick-free.ts';

const minStaticSize = 16;
const maxStaticSize = 128;
const staticShare = 32;

/** How many ports are left to those who choose: a 32nd, 16 to 128; none of a range that is hardly larger. */
export function staticPorts(size: number): number {
  if (size <= minStaticSize) return 0;
  return Math.min(Math.max(Math.floor(size / staticShare), minStaticSize), maxStaticSize);
}

/** The ports of the nodes that Services can have (`--service-node-port-range`). */
export class NodePortRange {
  readonly first: number;
  readonly last: number;
  readonly #bands: Bands;

  constructor({ first, last }: PortRange) {
    this.first = first;
    this.last = last;
    const size = last - first + 1;
    this.#bands = { size: BigInt(size), staticSize: BigInt(staticPorts(size)) };
  }

  /** Whether the port may be given out; throws an AllocationError that says why not. */
  check(port: number, isTaken: (port: number) => boolean): void {
    if (port < this.first || port > this.last) {
      throw new AllocationError(
        `provided port is not in the valid range. The range of valid ports is ${this.first}-${this.last}`,
      );
    }
    if (isTaken(port)) throw new AllocationError('provided port is already allocated');
  }

  /** Any port that is free. Throws an AllocationError when none is. */
  pick(isTaken: (port: number) => boolean, random: Random): number {
    const index = pickFree(this.#bands, (candidate) => !isTaken(this.first + Number(candidate)), random);
    if (index === undefined) throw new AllocationError('range is full');
    return this.first + Number(index);
  }
}
