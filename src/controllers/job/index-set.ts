/** From and to, both inclusive. */
type Interval = readonly [first: number, last: number];

/**
 * Indexes of an Indexed Job as ordered intervals that neither overlap nor touch: small, however many indexes there are.
 * Written as `1,3-5,7`; two neighbours as `1,2` (the format of `status.completedIndexes` and `failedIndexes`).
 */
export class IndexSet {
  static readonly empty = new IndexSet([]);
  readonly #intervals: readonly Interval[];

  private constructor(intervals: readonly Interval[]) {
    this.#intervals = intervals;
  }

  static of(indexes: Iterable<number>): IndexSet {
    const sorted = [...indexes].sort((a, b) => a - b);
    return new IndexSet(joined(sorted.map((index) => [index, index])));
  }

  /** Reads what stands in a status or a rule, as far as it can be read; `completions` and all above are left out. */
  static parse(text: string, completions: number): IndexSet {
    const intervals: Interval[] = [];
    for (const part of text === '' ? [] : text.split(',')) {
      const match = /^(\d+)(?:-(\d+))?$/.exec(part);
      if (match === null) continue;
      const first = Number(match[1]);
      if (first >= completions) break;
      intervals.push([first, Math.min(Number(match[2] ?? first), completions - 1)]);
    }
    return new IndexSet(joined(intervals.sort((a, b) => a[0] - b[0])));
  }

  get size(): number {
    let size = 0;
    for (const [first, last] of this.#intervals) size += last - first + 1;
    return size;
  }

  has(index: number): boolean {
    let [low, high] = [0, this.#intervals.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#intervals[middle]?.[1] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    const [first] = this.#intervals[low] ?? [Infinity];
    return first <= index;
  }

  union(other: IndexSet): IndexSet {
    const intervals = [...this.#intervals, ...other.#intervals];
    return new IndexSet(joined(intervals.sort((a, b) => a[0] - b[0])));
  }

  /** How many indexes are in both. */
  overlap(other: IndexSet): number {
    let overlap = 0;
    let [i, j] = [0, 0];
    for (;;) {
      const [mine, theirs] = [this.#intervals[i], other.#intervals[j]];
      if (mine === undefined || theirs === undefined) return overlap;
      overlap += Math.max(0, Math.min(mine[1], theirs[1]) - Math.max(mine[0], theirs[0]) + 1);
      if (mine[1] <= theirs[1]) i++;
      if (theirs[1] <= mine[1]) j++;
    }
  }

  /** The first `count` indexes below `completions` that are missing here. */
  firstMissing(count: number, completions: number): number[] {
    const missing: number[] = [];
    let candidate = 0;
    for (const [first, last] of [...this.#intervals, [Infinity, Infinity] as const]) {
      for (; candidate < Math.min(first, completions) && missing.length < count; candidate++) missing.push(candidate);
      candidate = Math.max(candidate, last + 1);
    }
    return missing;
  }

  toString(): string {
    return this.#intervals
      .map(([first, last]) => (last === first ? String(first) : `${first}${last === first + 1 ? ',' : '-'}${last}`))
      .join(',');
  }
}

/** @param sorted By where they begin. */
function joined(sorted: readonly Interval[]): Interval[] {
  const result: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = result.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else result.push([first, last]);
  }
  return result;
}
