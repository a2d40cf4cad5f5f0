/** Arithmetic on ResourceLists: maps from a resource's name to a quantity in canonical form. */
import { Quantity, QuantityError } from '../../machinery/quantity.ts';
import type { ResourceList } from '../types/core.v1.ts';

/** Amounts as they are added up. */
export type Amounts = Map<string, Quantity>;

const zero = Quantity.of(0);

/** Quantities repeat: a cluster has few distinct ones. Emptied when full, which costs one round of parsing. */
const maxRemembered = 4096;
const maxRememberedLength = 32;
const remembered = new Map<string, Quantity>();

/** The quantity of a text that was read from the API; zero for one that decoding would not have let through. */
export function quantityOf(text: string | undefined): Quantity {
  if (text === undefined) return zero;
  const known = remembered.get(text);
  if (known !== undefined) return known;
  try {
    const quantity = Quantity.parse(text);
    if (text.length <= maxRememberedLength) {
      if (remembered.size >= maxRemembered) remembered.clear();
      remembered.set(text, quantity);
    }
    return quantity;
  } catch (error) {
    if (error instanceof QuantityError) return zero;
    throw error;
  }
}

/**
 * Rounds what is finer than a thousandth up, as upstream does with every resource amount it reads
 * (`SetDefaults_ResourceList`).
 */
export function roundUpResourceList(list: ResourceList | null | undefined): void {
  if (!list) return;
  for (const name of Object.keys(list)) {
    const text = list[name];
    if (text !== undefined && mayBeFinerThanMilli(text)) {
      const amount = quantityOf(text);
      list[name] = Quantity.of(amount.ceil(-3), -3, amount.format).toString();
    }
  }
}

/** In canonical form only the suffixes n and u, and negative exponents, say less than a thousandth. */
function mayBeFinerThanMilli(text: string): boolean {
  return text.endsWith('n') || text.endsWith('u') || text.includes('e-');
}

/** Adds `list` to `sum`. */
export function addAmounts(sum: Amounts, list: ResourceList | null | undefined): void {
  for (const [name, text] of Object.entries(list ?? {})) {
    const amount = quantityOf(text);
    sum.set(name, sum.get(name)?.add(amount) ?? amount);
  }
}

/** Raises each amount of `max` to that of `other` where that is more. */
export function raiseAmounts(max: Amounts, other: Amounts): void {
  for (const [name, amount] of other) {
    const known = max.get(name);
    if (known === undefined || amount.compare(known) > 0) max.set(name, amount);
  }
}
