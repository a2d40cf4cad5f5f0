import { CIDR } from '../../../machinery/cidr.ts';
import { formatIP } from '../../../machinery/ip-address.ts';

/** Hands out the addresses of a node's pod network, each one again as late as possible. */
export class AddressPool {
  readonly #network: CIDR;
  readonly #last: bigint;
  readonly #taken = new Set<bigint>();
  #next = firstHost;

  /** Throws a RangeError for a text that is no network. */
  constructor(cidr: string) {
    const network = CIDR.parse(cidr);
    if (network === undefined) throw new RangeError(`${JSON.stringify(cidr)} is not a network`);
    this.#network = network;
    this.#last = network.size - 2n;
  }

  /** Undefined when all are taken. */
  take(): { readonly ip: string; release(): void } | undefined {
    if (BigInt(this.#taken.size) > this.#last - firstHost) return undefined;
    while (this.#taken.has(this.#next)) this.#advance();
    const offset = this.#next;
    this.#taken.add(offset);
    this.#advance();
    return { ip: formatIP(this.#network.at(offset)), release: () => this.#taken.delete(offset) };
  }

  #advance(): void {
    this.#next = this.#next >= this.#last ? firstHost : this.#next + 1n;
  }
}

/** The first address is the network's own, the second its gateway's, as bridge plug-ins have it. */
const firstHost = 2n;
