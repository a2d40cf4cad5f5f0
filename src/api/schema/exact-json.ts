import { Buffer } from 'node:buffer';
import { ExactInteger } from '../../machinery/exact-integer.ts';

/** Every integer that a double cannot hold has so many digits. */
const longDigits = 16;

/** Whether so many digits stand in a row: each such row covers one of the places that are looked at. */
function hasLongNumber(bytes: Uint8Array): boolean {
  for (let at = longDigits - 1; at < bytes.length; at += longDigits) {
    if (!isDigit(bytes[at])) continue;
    let start = at;
    while (isDigit(bytes[start - 1])) start--;
    let end = at + 1;
    while (isDigit(bytes[end])) end++;
    if (end - start >= longDigits) return true;
  }
  return false;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** For `JSON.parse`: keeps the integers whose digits a number would lose. */
export function keepLongIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? new ExactInteger(source) : value;
}

/**
 * Parses JSON that is known to be sound, such as what is stored. Integers that a double cannot hold become
 * {@link ExactInteger}; where there are none it takes hardly longer than `JSON.parse`.
 */
export function parseExactJson(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return hasLongNumber(bytes) ? JSON.parse(text, keepLongIntegers) : JSON.parse(text);
}
