import { QuantityError, canonicalQuantity } from '../../machinery/quantity.ts';
import { DecodeError } from './decode-error.ts';
import { normaliseDuration } from './duration-text.ts';
import { ExactInteger, integer } from '../../machinery/exact-integer.ts';
import type { ScalarKind } from './schema.ts';
import { normaliseMicroTime, normaliseTime } from './time-text.ts';
import type { Walk } from './walk.ts';

/** Decodes a value that is neither undefined nor null; `field` is its name when it is a field's own value. */
export type Decoder = (value: unknown, walk: Walk, field: string | undefined) => unknown;

const integerBounds = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

function integerDecoder(kind: keyof typeof integerBounds, goType: string): Decoder {
  const [min, max] = integerBounds[kind];
  const low = Math.max(Number(min), Number.MIN_SAFE_INTEGER);
  const high = Math.min(Number(max), Number.MAX_SAFE_INTEGER);
  return (value, walk, field) => {
    if (typeof value === 'number') {
      if (value >= low && value <= high && Number.isInteger(value)) return value;
      // A double in int64's range that is not safe: the reader of the JSON keeps literals that lose digits, so this
      // one is exact.
      if (Number.isInteger(value) && BigInt(value) >= min && BigInt(value) <= max) return integer(BigInt(value));
      return walk.fail(value, goType, field, ` ${value}`);
    }
    if (value instanceof ExactInteger) {
      const exact = value.toBigInt();
      if (exact >= min && exact <= max) return integer(exact);
      return walk.fail(value, goType, field, ` ${value.text}`);
    }
    return walk.fail(value, goType, field);
  };
}

function numberDecoder(goType: string): Decoder {
  return (value, walk, field) => {
    if (typeof value === 'number') return goType === 'float32' ? Math.fround(value) : value;
    // A Go float holds no more digits than this.
    if (value instanceof ExactInteger) return Number(value);
    return walk.fail(value, goType, field);
  };
}

/** Quantities repeat: a cluster has few distinct ones. Emptied when full, which costs one round of parsing. */
const maxCachedQuantities = 4_096;
const maxCachedQuantityLength = 32;
const quantities = new Map<string, string>();

function quantity(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const cached = quantities.get(text);
  if (cached !== undefined) return cached;
  let canonical: string;
  try {
    canonical = canonicalQuantity(text.trim());
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message, { cause: error });
    throw error;
  }
  if (text.length <= maxCachedQuantityLength) {
    if (quantities.size >= maxCachedQuantities) quantities.clear();
    quantities.set(text, canonical);
  }
  return canonical;
}

const canonicalBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
/** Go's decoder takes line breaks anywhere and does not look at the bits after the last byte. */
const acceptedBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function base64(value: unknown, walk: Walk, field: string | undefined): string {
  if (typeof value !== 'string') {
    // Go reads a list of numbers into a byte slice too.
    if (Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) {
      return Buffer.from(value as number[]).toString('base64');
    }
    return walk.fail(value, '[]uint8', field);
  }
  if (canonicalBase64.test(value)) return value;
  const text = value.replace(/[\r\n]/g, '');
  if (acceptedBase64.test(text)) return Buffer.from(text, 'base64').toString('base64');
  throw new DecodeError(`illegal base64 data at input byte ${badBase64Byte(value)}`);
}

/** Where Go's decoder stops: at the first byte that is not base64, or at the last group that is not whole. */
function badBase64Byte(text: string): number {
  let inGroup = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\n' || character === '\r') continue;
    if (!/[A-Za-z0-9+/]/.test(character)) {
      if (character !== '=' || inGroup < 2) return at;
      // Padding: one or two signs that end the group, then nothing.
      const rest = text.slice(at + 1).replace(/[\r\n]/g, '');
      if (inGroup === 2 && !rest.startsWith('=')) return rest === '' ? text.length : at + 1;
      return text.indexOf(rest.charAt(inGroup === 2 ? 1 : 0), at + (inGroup === 2 ? 2 : 1));
    }
    inGroup = (inGroup + 1) % 4;
  }
  return text.length - inGroup;
}

const int32 = integerDecoder('int32', 'int32');

function textDecoder(normalise: (text: string) => string | null): Decoder {
  return (value, walk, field) => (typeof value === 'string' ? normalise(value) : walk.fail(value, 'string', field));
}

const asIs: Decoder = (value) => value;

export function scalarDecoder(kind: ScalarKind, goType: string): Decoder {
  switch (kind) {
    case 'bool':
      return (value, walk, field) => (typeof value === 'boolean' ? value : walk.fail(value, goType, field));
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return integerDecoder(kind, goType);
    case 'float32':
    case 'float64':
      return numberDecoder(goType);
    case 'bytes':
      return base64;
    case 'time':
      return textDecoder(normaliseTime);
    case 'microTime':
      return textDecoder(normaliseMicroTime);
    case 'duration':
      return textDecoder(normaliseDuration);
    case 'quantity':
      return quantity;
    case 'intOrString':
      return (value, walk, field) => (typeof value === 'string' ? value : int32(value, walk, field));
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return asIs;
    default:
      return kind satisfies never;
  }
}

/** What Go prints for the zero value of a scalar that is always printed. */
export function zeroScalar(kind: ScalarKind): unknown {
  switch (kind) {
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'float32':
    case 'float64':
    case 'intOrString':
      return 0;
    case 'duration':
      return '0s';
    case 'quantity':
      return '0';
    case 'bytes':
    case 'time':
    case 'microTime':
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return null;
    default:
      return kind satisfies never;
  }
}
