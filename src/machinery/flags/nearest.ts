/** Letters that must be added, dropped, changed or swapped with a neighbour to make one word of another. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** Longer input than any name that we know is not worth comparing. */
const maxComparedLength = 100;

/** The known word that `word` was most likely meant to be; undefined when none resembles it. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > maxComparedLength) return undefined;
  let best: string | undefined;
  // Beyond half of its letters a guess helps nobody.
  let bestDistance = Math.max(2, Math.ceil(word.length / 2)) + 0.5;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}
