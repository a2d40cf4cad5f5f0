/** `+ - * / %` and negation of numbers: exact within 64 bits, errors beyond. */
import { fail } from './failure.ts';
import { doubleOf, maxInt64, maxUint64, minInt64, narrow, Uint } from './values.ts';

export type Int = number | bigint;

export function checkedInt(value: bigint): Int {
  if (value > maxInt64 || value < minInt64) fail('integer overflow');
  return narrow(value);
}

export function checkedUint(value: bigint): Uint {
  if (value > maxUint64 || value < 0n) fail('unsigned integer overflow');
  return new Uint(value);
}

// Numbers are safe integers here, so that a result that is safe too is exact.

export function addInt(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checkedInt(BigInt(a) + BigInt(b));
}

export function subtractInt(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checkedInt(BigInt(a) - BigInt(b));
}

export function multiplyInt(a: Int, b: Int): Int {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // There is no negative zero among whole numbers.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return checkedInt(BigInt(a) * BigInt(b));
}

export function divideInt(a: Int, b: Int): Int {
  if (Number(b) === 0) fail('division by zero');
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return checkedInt(BigInt(a) / BigInt(b));
}

export function moduloInt(a: Int, b: Int): Int {
  if (Number(b) === 0) fail('modulus by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  if (BigInt(a) === minInt64 && BigInt(b) === -1n) fail('integer overflow');
  return checkedInt(BigInt(a) % BigInt(b));
}

export function negateInt(a: Int): Int {
  return typeof a === 'number' ? 0 - a : checkedInt(-a);
}

export function divideUint(a: Uint, b: Uint): Uint {
  if (b.value === 0n) fail('division by zero');
  return new Uint(a.value / b.value);
}

export function moduloUint(a: Uint, b: Uint): Uint {
  if (b.value === 0n) fail('modulus by zero');
  return new Uint(a.value % b.value);
}

type DoubleValue = ReturnType<typeof doubleOf>;

function numberOf(value: DoubleValue): number {
  return typeof value === 'number' ? value : value.value;
}

export function onDoubles(operate: (a: number, b: number) => number): (a: DoubleValue, b: DoubleValue) => DoubleValue {
  return (a, b) => doubleOf(operate(numberOf(a), numberOf(b)));
}

export function negateDouble(a: DoubleValue): DoubleValue {
  return doubleOf(-numberOf(a));
}
