import type { Key, KeyRange } from '../contract.ts';
import { isSingleKey, upperBound } from './key-index.ts';

/**
 * Finds which of many ranges contain a key, without trying each. Single keys are a map. Intervals cut the key space
 * into segments, each of which knows who covers it; the segments are made anew at the first look-up after a change.
 */
export class RangeSet<T extends { readonly range: KeyRange }> {
  readonly #singles = new Map<Key, T[]>();
  readonly #intervals = new Set<T>();
  #bounds: Key[] | undefined;
  /** The members that cover the keys from the bound of the same place up to the next. */
  #covering: T[][] = [];

  add(member: T): void {
    if (isSingleKey(member.range)) {
      this.#singles.set(member.range.key, [...(this.#singles.get(member.range.key) ?? []), member]);
    } else {
      this.#intervals.add(member);
      this.#bounds = undefined;
    }
  }

  delete(member: T): void {
    if (this.#intervals.delete(member)) {
      this.#bounds = undefined;
      return;
    }
    const left = this.#singles.get(member.range.key)?.filter((other) => other !== member) ?? [];
    if (left.length > 0) this.#singles.set(member.range.key, left);
    else this.#singles.delete(member.range.key);
  }

  forEachContaining(key: Key, visit: (member: T) => void): void {
    if (this.#singles.size > 0) {
      const singles = this.#singles.get(key);
      if (singles !== undefined) for (const member of singles) visit(member);
    }
    if (this.#intervals.size === 0) return;
    const segment = this.#segmentOf(key);
    const covering = this.#covering[segment];
    if (covering !== undefined) for (const member of covering) visit(member);
  }

  #segmentOf(key: Key): number {
    const bounds = this.#bounds ?? this.#build();
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[middle] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #build(): Key[] {
    const all = new Set<Key>();
    for (const { range } of this.#intervals) all.add(range.key).add(upperBound(range.rangeEnd));
    const bounds = [...all].sort((a, b) => (a < b ? -1 : 1));
    const placeOf = new Map(bounds.map((bound, place) => [bound, place]));
    this.#covering = bounds.map(() => []);
    for (const member of this.#intervals) {
      const end = placeOf.get(upperBound(member.range.rangeEnd)) ?? 0;
      for (let place = placeOf.get(member.range.key) ?? 0; place < end; place++) this.#covering[place]?.push(member);
    }
    this.#bounds = bounds;
    return bounds;
  }
}
