import { quote } from '../../../machinery/quote.ts';

/** Indexes of pods that are written wrongly; the message is upstream's. */
export class IndexesError extends Error {
  override name = 'IndexesError';
}

/** From and to, both inclusive. */
export type IndexInterval = readonly [first: number, last: number];

function parseIndex(text: string, completions: number): number {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new IndexesError(`cannot convert string to integer for index: ${quote(text)}`);
  const index = Number(text);
  if (index >= completions) throw new IndexesError(`too large index: ${quote(text)}`);
  return index;
}

function parseInterval(text: string, completions: number): IndexInterval {
  const [from = '', to, ...more] = text.split('-');
  if (more.length > 0) {
    throw new IndexesError(
      `the fragment ${quote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  }
  const first = parseIndex(from, completions);
  if (to === undefined) return [first, first];
  const last = parseIndex(to, completions);
  if (first >= last) throw new IndexesError(`non-increasing order, previous: ${first}, current: ${last}`);
  return [first, last];
}

/** Reads `1,3-5`: growing indexes below `completions`. Throws an IndexesError. */
export function parseIndexes(text: string, completions: number): readonly IndexInterval[] {
  if (text === '') return [];
  const intervals: IndexInterval[] = [];
  let last: number | undefined;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (last !== undefined && last >= interval[0]) {
      throw new IndexesError(`non-increasing order, previous: ${last}, current: ${interval[0]}`);
    }
    intervals.push(interval);
    last = interval[1];
  }
  return intervals;
}

export function countIndexes(intervals: readonly IndexInterval[]): number {
  let count = 0;
  for (const [first, last] of intervals) count += last - first + 1;
  return count;
}

/** The first index that is in both, which are in growing order. */
export function firstCommonIndex(a: readonly IndexInterval[], b: readonly IndexInterval[]): number | undefined {
  let [i, j] = [0, 0];
  for (;;) {
    const [x, y] = [a[i], b[j]];
    if (x === undefined || y === undefined) return undefined;
    if (x[0] <= y[1] && y[0] <= x[1]) return Math.max(x[0], y[0]);
    if (x[0] <= y[0]) i++;
    else j++;
  }
}
