/** What JSON holds as another value than CEL has for its type: whole doubles, timestamps, durations, bytes. */
import { readDuration, readTimestamp } from './moments.ts';
import type { CelType } from './types.ts';
import type { CelValue, PlainObject } from './values.ts';
import { Double, isList, isPlainObject, maxInt64, minInt64 } from './values.ts';

const dateLength = '2006-01-02'.length;

export type Adapter = (value: CelValue) => CelValue;

function adaptInt(value: CelValue): CelValue {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
  const exact = BigInt(value);
  return exact > maxInt64 ? maxInt64 : exact < minInt64 ? minInt64 : exact;
}

function adaptDouble(value: CelValue): CelValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? new Double(value) : value;
}

/** The formats `date-time` and `date`. */
function adaptTimestamp(value: CelValue): CelValue {
  if (typeof value !== 'string') return value;
  return readTimestamp(value.length === dateLength ? `${value}T00:00:00Z` : value.toUpperCase()) ?? value;
}

function adaptDuration(value: CelValue): CelValue {
  return typeof value === 'string' ? (readDuration(value) ?? value) : value;
}

function adaptBytes(value: CelValue): CelValue {
  return typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : value;
}

/** Makes a value of the type from what JSON has for it; undefined when JSON's own values will do. */
export function adapterOf(type: CelType): Adapter | undefined {
  switch (type.kind) {
    case 'int':
      return adaptInt;
    case 'double':
      return adaptDouble;
    case 'timestamp':
      return adaptTimestamp;
    case 'duration':
      return adaptDuration;
    case 'bytes':
      return adaptBytes;
    case 'wrapper':
      return adapterOf(type.of);
    case 'list': {
      // Ints beyond 2^53 within lists are rare enough not to copy every list of ints for them.
      if (type.element.kind === 'int') return undefined;
      const element = adapterOf(type.element);
      if (element === undefined) return undefined;
      return (value) => (isList(value) ? value.map(element) : value);
    }
    case 'map': {
      if (type.value.kind === 'int') return undefined;
      const adapt = adapterOf(type.value);
      return adapt === undefined ? undefined : (value) => (isPlainObject(value) ? adaptValues(value, adapt) : value);
    }
    default:
      return undefined;
  }
}

function adaptValues(object: PlainObject, adapt: Adapter): PlainObject {
  const adapted: Record<string, CelValue> = Object.create(null) as Record<string, CelValue>;
  for (const [key, value] of Object.entries(object)) if (value !== undefined) adapted[key] = adapt(value);
  return adapted;
}
