import type { Node, Pod } from '../api/types/core.v1.ts';
import { amountsOfList, guessedRequestsOf, requestsOf, type ResourceColumns } from './resources.ts';
import { hostPortsOf, type HostPort } from '../api/core/host-ports.ts';

/** A Pod and what it takes of its node, worked out once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly requests: readonly number[];
  readonly guessed: { readonly milliCpu: number; readonly memoryBytes: number };
  readonly hostPorts: readonly HostPort[];
}

export function podInfoOf(columns: ResourceColumns, pod: Pod): PodInfo {
  return {
    pod,
    requests: requestsOf(columns, pod),
    guessed: guessedRequestsOf(pod),
    hostPorts: hostPortsOf(pod.spec),
  };
}

function add(sum: number[], amounts: readonly number[], sign: 1 | -1): void {
  for (let column = 0; column < amounts.length; column++) {
    sum[column] = (sum[column] ?? 0) + sign * (amounts[column] ?? 0);
  }
}

/** A node, what it can give, and what its Pods have taken: numbers by column. */
export class NodeInfo {
  readonly name: string;
  readonly #columns: ResourceColumns;
  #node: Node | undefined;
  #allocatable: number[] = [];
  readonly #requested: number[] = [];
  readonly #pods = new Map<string, PodInfo>();
  readonly #hostPorts = new Map<string, number>();
  #guessedMilliCpu = 0;
  #guessedMemoryBytes = 0;

  constructor(name: string, columns: ResourceColumns) {
    this.name = name;
    this.#columns = columns;
  }

  /** Undefined: the node is gone or not yet known, and Pods are still there. */
  get node(): Node | undefined {
    return this.#node;
  }

  setNode(node: Node | undefined): void {
    this.#node = node;
    this.#allocatable = amountsOfList(this.#columns, node?.status?.allocatable);
  }

  get allocatable(): readonly number[] {
    return this.#allocatable;
  }

  get requested(): readonly number[] {
    return this.#requested;
  }

  get guessed(): { readonly milliCpu: number; readonly memoryBytes: number } {
    return { milliCpu: this.#guessedMilliCpu, memoryBytes: this.#guessedMemoryBytes };
  }

  get pods(): Iterable<PodInfo> {
    return this.#pods.values();
  }

  get podCount(): number {
    return this.#pods.size;
  }

  addPod(uid: string, info: PodInfo): void {
    this.removePod(uid);
    this.#pods.set(uid, info);
    this.#count(info, 1);
  }

  removePod(uid: string): void {
    const info = this.#pods.get(uid);
    if (info === undefined) return;
    this.#pods.delete(uid);
    this.#count(info, -1);
  }

  /** Whether a port is taken: the unspecified address takes it on all others, and is taken by any. */
  hasPort({ ip, protocol, port }: HostPort): boolean {
    const end = `/${protocol}/${port}`;
    if (this.#hostPorts.has(`0.0.0.0${end}`)) return true;
    if (ip !== '0.0.0.0') return this.#hostPorts.has(`${ip}${end}`);
    for (const taken of this.#hostPorts.keys()) if (taken.endsWith(end)) return true;
    return false;
  }

  #count({ requests, guessed, hostPorts }: PodInfo, sign: 1 | -1): void {
    add(this.#requested, requests, sign);
    this.#guessedMilliCpu += sign * guessed.milliCpu;
    this.#guessedMemoryBytes += sign * guessed.memoryBytes;
    for (const { ip, protocol, port } of hostPorts) {
      const key = `${ip}/${protocol}/${port}`;
      const count = (this.#hostPorts.get(key) ?? 0) + sign;
      if (count > 0) this.#hostPorts.set(key, count);
      else this.#hostPorts.delete(key);
    }
  }
}
