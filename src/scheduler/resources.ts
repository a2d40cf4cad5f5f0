import { aggregateContainerResources } from '../api/core/pod-resources.ts';
import { quantityOf } from '../api/core/resource-list.ts';
import type { Pod, ResourceList } from '../api/types/core.v1.ts';
import type { Quantity } from '../machinery/quantity.ts';

/** The columns of a table of amounts: CPU in thousandths, everything else in whole units. */
export class ResourceColumns {
  readonly #names: string[] = ['cpu', 'memory', 'ephemeral-storage', 'pods'];
  readonly #byName = new Map(this.#names.map((name, column) => [name, column]));

  get size(): number {
    return this.#names.length;
  }

  nameOf(column: number): string {
    return this.#names[column] ?? '';
  }

  /** The column of a resource; a new one for a name that is new. */
  columnOf(name: string): number {
    let column = this.#byName.get(name);
    if (column === undefined) {
      column = this.#names.push(name) - 1;
      this.#byName.set(name, column);
    }
    return column;
  }
}

export const cpuColumn = 0;
export const memoryColumn = 1;
export const podsColumn = 3;

/** One row of amounts. Short rows end in zeros. */
export type Amounts = readonly number[];

function amountOf(name: string, quantity: Quantity): number {
  return quantity.ceilNumber(name === 'cpu' ? -3 : 0);
}

export function amountsOfList(columns: ResourceColumns, list: ResourceList | undefined): number[] {
  const amounts: number[] = [];
  for (const [name, text] of Object.entries(list ?? {})) {
    amounts[columns.columnOf(name)] = amountOf(name, quantityOf(text));
  }
  return filled(amounts);
}

/** What a Pod requests as a whole: its containers' requests or its own, its overhead, and itself. */
export function requestsOf(columns: ResourceColumns, { spec }: Pod): number[] {
  const sum = aggregateContainerResources(spec, ({ requests }) => requests);
  for (const [name, text] of Object.entries(spec.resources?.requests ?? {})) sum.set(name, quantityOf(text));
  for (const [name, text] of Object.entries(spec.overhead ?? {})) {
    const before = sum.get(name);
    sum.set(name, before === undefined ? quantityOf(text) : before.add(quantityOf(text)));
  }
  const amounts: number[] = [];
  for (const [name, quantity] of sum) amounts[columns.columnOf(name)] = amountOf(name, quantity);
  amounts[podsColumn] = 1;
  return filled(amounts);
}

/** Upstream's guesses for containers that request nothing, so that they are spread all the same. */
const guessedMilliCpu = 100;
const guessedMemoryBytes = 200 * 1024 * 1024;

/** CPU and memory for scoring: where a container requests none, a guess counts. */
export function guessedRequestsOf({ spec }: Pod): { readonly milliCpu: number; readonly memoryBytes: number } {
  const guess = (name: 'cpu' | 'memory', guessed: number): number => {
    const overhead = amountOf(name, quantityOf(spec.overhead?.[name]));
    const own = spec.resources?.requests?.[name];
    if (own !== undefined) return amountOf(name, quantityOf(own)) + overhead;
    const total = aggregateContainerResources(spec, ({ requests }) =>
      requests?.[name] === undefined ? undefined : { [name]: requests[name] },
    ).get(name);
    const silent = (spec.containers ?? []).filter(({ resources }) => resources?.requests?.[name] === undefined).length;
    return (total === undefined ? 0 : amountOf(name, total)) + silent * guessed + overhead;
  };
  return { milliCpu: guess('cpu', guessedMilliCpu), memoryBytes: guess('memory', guessedMemoryBytes) };
}

function filled(amounts: number[]): number[] {
  for (let column = 0; column < amounts.length; column++) amounts[column] ??= 0;
  return amounts;
}
