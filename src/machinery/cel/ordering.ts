/** `< <= > >=`, and the order that lists are sorted by. */
import { compareNumbers } from './equality.ts';
import type { CelValue } from './values.ts';
import { Double, Duration, Timestamp, Uint } from './values.ts';

/** By code points; JavaScript's own order is by UTF-16 units, which differs beyond U+FFFF. */
export function compareTexts(a: string, b: string): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left === right) continue;
    // A surrogate stands for a character beyond all others.
    const isLeftHigh = left >= 0xd800 && left < 0xe000;
    const isRightHigh = right >= 0xd800 && right < 0xe000;
    if (isLeftHigh !== isRightHigh) return isLeftHigh ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

function order<T extends bigint | number | boolean>(a: T, b: T): -1 | 0 | 1 {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** `incomparable` when the types have no order; undefined when a number is none (NaN). */
export function compare(a: CelValue, b: CelValue): -1 | 0 | 1 | undefined | 'incomparable' {
  const isNumber = typeof a === 'number' || typeof a === 'bigint' || a instanceof Double || a instanceof Uint;
  if (isNumber) {
    const isOther = typeof b === 'number' || typeof b === 'bigint' || b instanceof Double || b instanceof Uint;
    return isOther ? compareNumbers(a, b) : 'incomparable';
  }
  if (typeof a === 'string') return typeof b === 'string' ? compareTexts(a, b) : 'incomparable';
  if (typeof a === 'boolean') return typeof b === 'boolean' ? order(a, b) : 'incomparable';
  if (a instanceof Timestamp) return b instanceof Timestamp ? order(a.nanos, b.nanos) : 'incomparable';
  if (a instanceof Duration) return b instanceof Duration ? order(a.nanos, b.nanos) : 'incomparable';
  if (a instanceof Uint8Array && b instanceof Uint8Array) return order(Buffer.compare(a, b), 0);
  return 'incomparable';
}
