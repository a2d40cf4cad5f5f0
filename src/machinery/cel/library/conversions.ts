/** `int(x)`, `string(x)` and the other conversions, `type(x)` and `size(x)`. */
import { checkedInt, checkedUint } from '../arithmetic.ts';
import type { Library } from '../declarations.ts';
import {
  anything,
  bool,
  bytes,
  double,
  duration,
  global,
  int,
  list,
  map,
  member,
  string,
  timestamp,
  uint,
} from '../declarations.ts';
import { sizeOfMap } from '../equality.ts';
import { fail } from '../failure.ts';
import {
  checkedTimestamp,
  formatCelDuration,
  formatTimestamp,
  readDuration,
  readTimestamp,
  unixSeconds,
} from '../moments.ts';
import { formatG } from '../number-text.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  paramType,
  stringType,
  timestampType,
  typeTypeOf,
  uintType,
} from '../types.ts';
import type { Double } from '../values.ts';
import {
  codePointLength,
  doubleOf,
  maxInt64,
  maxUint64,
  minInt64,
  narrow,
  typeNameOf,
  TypeValue,
  Uint,
} from '../values.ts';

const a = paramType('A');
const b = paramType('B');

function impossible(from: string, to: string): never {
  return fail(`type conversion error from '${from}' to '${to}'`);
}

function numberOf(value: number | Double): number {
  return typeof value === 'number' ? value : value.value;
}

function doubleToInt(value: number | Double): number | bigint {
  const number = numberOf(value);
  if (!(number > -(2 ** 63) && number < 2 ** 63)) fail('integer overflow');
  return narrow(BigInt(Math.trunc(number)));
}

function doubleToUint(value: number | Double): Uint {
  const number = numberOf(value);
  if (!(number >= 0 && number < 2 ** 64)) fail('unsigned integer overflow');
  return new Uint(BigInt(Math.trunc(number)));
}

/** More digits than any number of 64 bits has, zeros in front aside. */
const maxDigits = 100;

function stringToInt(text: string): number | bigint {
  if (text.length > maxDigits || !/^[+-]?\d+$/.test(text)) impossible('string', 'int');
  const value = BigInt(text.replace('+', ''));
  return value > maxInt64 || value < minInt64 ? impossible('string', 'int') : narrow(value);
}

function stringToUint(text: string): Uint {
  if (text.length > maxDigits || !/^\d+$/.test(text)) impossible('string', 'uint');
  const value = BigInt(text);
  return value > maxUint64 ? impossible('string', 'uint') : new Uint(value);
}

const decimalForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function stringToDouble(text: string): number | Double {
  const name = /^([+-]?)(?:(inf|infinity)|(nan))$/i.exec(text);
  if (name !== null) return name[3] !== undefined ? Number.NaN : name[1] === '-' ? -Infinity : Infinity;
  const value = Number(text);
  if (!decimalForm.test(text) || !Number.isFinite(value)) impossible('string', 'double');
  return doubleOf(value);
}

const trueTexts = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseTexts = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function stringToBool(text: string): boolean {
  if (trueTexts.has(text)) return true;
  return falseTexts.has(text) ? false : impossible('string', 'bool');
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function bytesToString(value: Uint8Array): string {
  try {
    return decoder.decode(value);
  } catch {
    return fail('invalid UTF-8 in bytes, cannot convert to string');
  }
}

export const conversionLibrary: Library = {
  bool: [
    global('bool_to_bool', [bool], boolType, (value) => value),
    global('string_to_bool', [string], boolType, stringToBool),
  ],
  bytes: [
    global('bytes_to_bytes', [bytes], bytesType, (value) => value),
    global('string_to_bytes', [string], bytesType, (text) => new TextEncoder().encode(text)),
  ],
  double: [
    global('double_to_double', [double], doubleType, (value) => value),
    global('int64_to_double', [int], doubleType, (value) => doubleOf(Number(value))),
    global('string_to_double', [string], doubleType, stringToDouble),
    global('uint64_to_double', [uint], doubleType, ({ value }) => doubleOf(Number(value))),
  ],
  duration: [
    global('duration_to_duration', [duration], durationType, (value) => value),
    global(
      'string_to_duration',
      [string],
      durationType,
      (text) => readDuration(text) ?? impossible('string', 'google.protobuf.Duration'),
    ),
  ],
  int: [
    global('int64_to_int64', [int], intType, (value) => value),
    global('double_to_int64', [double], intType, doubleToInt),
    global('duration_to_int64', [duration], intType, ({ nanos }) => checkedInt(nanos)),
    global('string_to_int64', [string], intType, stringToInt),
    global('timestamp_to_int64', [timestamp], intType, (value) => narrow(unixSeconds(value))),
    global('uint64_to_int64', [uint], intType, ({ value }) => checkedInt(value)),
  ],
  string: [
    global('string_to_string', [string], stringType, (value) => value),
    global('bool_to_string', [bool], stringType, String),
    global('bytes_to_string', [bytes], stringType, bytesToString),
    global('double_to_string', [double], stringType, (value) => formatG(numberOf(value))),
    global('duration_to_string', [duration], stringType, formatCelDuration),
    global('int64_to_string', [int], stringType, String),
    global('timestamp_to_string', [timestamp], stringType, formatTimestamp),
    global('uint64_to_string', [uint], stringType, ({ value }) => String(value)),
  ],
  timestamp: [
    global('timestamp_to_timestamp', [timestamp], timestampType, (value) => value),
    global('int64_to_timestamp', [int], timestampType, (seconds) => checkedTimestamp(BigInt(seconds) * 1_000_000_000n)),
    global(
      'string_to_timestamp',
      [string],
      timestampType,
      (text) => readTimestamp(text) ?? impossible('string', 'google.protobuf.Timestamp'),
    ),
  ],
  uint: [
    global('uint64_to_uint64', [uint], uintType, (value) => value),
    global('double_to_uint64', [double], uintType, doubleToUint),
    global('int64_to_uint64', [int], uintType, (value) => checkedUint(BigInt(value))),
    global('string_to_uint64', [string], uintType, stringToUint),
  ],
  type: [global('type', [anything(a)], typeTypeOf(a), (value) => new TypeValue(typeNameOf(value)))],
  size: [
    global('size_bytes', [bytes], intType, (value) => value.length),
    member('bytes_size', [bytes], intType, (value) => value.length),
    global('size_list', [list(a)], intType, (items) => items.length),
    member('list_size', [list(a)], intType, (items) => items.length),
    global('size_map', [map(a, b)], intType, sizeOfMap),
    member('map_size', [map(a, b)], intType, sizeOfMap),
    global('size_string', [string], intType, codePointLength),
    member('string_size', [string], intType, codePointLength),
  ],
};
