/** Results as JSON: what policies put into objects, and messages show. */
import { CelFailure } from './failure.ts';
import { formatCelDuration, formatTimestamp } from './moments.ts';
import type { CelValue } from './values.ts';
import {
  asDouble,
  CelFields,
  CelMap,
  CelObject,
  Duration,
  isList,
  isPlainObject,
  Optional,
  Timestamp,
  typeNameOf,
  TypeValue,
  Uint,
} from './values.ts';

/** Numbers in JSON keep only so much; what is larger is written as a text, as protobuf's JSON does. */
function integer(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function entries(value: CelMap): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of value.entries()) {
    if (typeof key !== 'string') throw new CelFailure(`map key of type ${typeNameOf(key)} is not a string`);
    object[key] = toJSON(item);
  }
  return { ...object };
}

/** Throws a CelFailure for what JSON has no form for, such as maps whose keys are no texts. */
export function toJSON(value: CelValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return integer(value);
  const double = asDouble(value);
  if (double !== undefined) {
    if (!Number.isFinite(double)) throw new CelFailure(`${double} has no form in JSON`);
    return double;
  }
  if (typeof value === 'number') return value;
  if (value instanceof Uint) return integer(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isList(value)) return value.map(toJSON);
  if (value instanceof CelMap) return entries(value);
  if (value instanceof CelObject) return value.toJSON();
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatCelDuration(value);
  if (value instanceof Optional) return value.value === undefined ? null : toJSON(value.value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof CelFields || !isPlainObject(value)) {
    throw new CelFailure(`a value of type ${typeNameOf(value)} has no form in JSON`);
  }
  const object: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) object[key] = toJSON(item);
  return object;
}
