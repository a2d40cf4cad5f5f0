// Random objects of any type, for property tests.
import * as fc from 'fast-check';
import { seededRandom } from '../../machinery/random.ts';
import type { Random } from '../../machinery/random.ts';
import type { FieldSchema, ObjectSchema, TypeSchema } from './schema.ts';

export interface ArbitraryOptions {
  /** Chance in percent that an optional field is there; by default anything from 0, which leaves the least, to 100. */
  readonly density?: number;
  /** Structs nested deeper hold only what they must. */
  readonly depth?: number;
}

const defaultDepth = 6;

/**
 * Objects of a type in the form in which they are stored: what `decode` gives back unchanged. `kind` and `apiVersion`
 * are strings like any other. Shrinks by leaving optional fields out.
 */
export function arbitraryObject(
  schema: ObjectSchema,
  { density, depth = defaultDepth }: ArbitraryOptions = {},
): fc.Arbitrary<Record<string, unknown>> {
  const densities = density === undefined ? fc.integer({ min: 0, max: 100 }) : fc.constant(density);
  return fc
    .tuple(fc.noShrink(fc.nat()), densities)
    .map(([seed, percent]) => new Builder(seededRandom(seed), percent).object(schema, depth));
}

const words = ['a', 'b', 'web-0', 'kube-system', 'x'.repeat(40), 'é', '日本', '😀', 'with "quotes"\n', '0', 'true'];
const keys = ['app', 'a', 'b', 'kubernetes.io/name', '__proto__', 'constructor', 'toString', '10', '9', 'é'];
const quantities = ['0', '1', '500m', '1500m', '1Gi', '128Mi', '1k', '-1', '100n', '1e3'];
const times = ['2026-01-02T15:04:05Z', '1999-12-31T23:59:59Z', '2024-02-29T00:00:00Z'];
const microTimes = ['2026-01-02T15:04:05.000000Z', '2026-01-02T15:04:05.123456Z'];
const durations = ['0s', '1m0s', '1h30m0s', '1.5s', '100ms', '-5s'];
const base64 = ['', 'aGVsbG8=', 'AA==', '////'];
/** With one member at each level: free-form JSON keeps the order it came in. */
const jsonValues = [{ a: 1 }, { list: [1, 'two', null, { three: 3.5 }] }, {}];
const floats = [0, 1, -1.5, 1e21, 0.1];
const wholeNumbers = [0, 1, -1, 42, 2147483647, -2147483648];
const safeNumbers = [...wholeNumbers, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
const naturalNumbers = [0, 1, 4294967295];

class Builder {
  readonly #random: Random;
  readonly #density: number;

  constructor(random: Random, density: number) {
    this.#random = random;
    this.#density = density;
  }

  object(schema: ObjectSchema, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (const field of schema.fields) {
      const value = this.#field(field, depth);
      if (value !== undefined) out[field.name] = value;
    }
    return out;
  }

  /** Undefined leaves the field out. */
  #field(field: FieldSchema, depth: number): unknown {
    const { type } = field;
    const wanted = depth > 0 && this.#random.int(100) < this.#density;
    if (field.pointer) return wanted ? this.#value(type, depth) : field.omitEmpty ? undefined : null;
    if (field.omitZero) return wanted ? this.#value(type, depth) : undefined;
    switch (type.kind) {
      case 'object':
        return this.object(type.schema, depth - 1);
      case 'time':
      case 'microTime':
      case 'rawExtension':
        return wanted ? this.#value(type, depth) : null;
      case 'quantity':
      case 'intOrString':
      case 'duration':
        return this.#value(type, depth);
      default:
    }
    if (field.omitEmpty) {
      if (!wanted) return undefined;
      const value = this.#value(type, depth);
      return isEmpty(value) ? undefined : value;
    }
    if (!wanted && (type.kind === 'list' || type.kind === 'map' || type.kind === 'bytes')) {
      return field.name === 'items' && type.kind === 'list' ? [] : null;
    }
    return this.#value(type, depth);
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[this.#random.int(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  #value(type: TypeSchema, depth: number): unknown {
    switch (type.kind) {
      case 'string':
        return this.#pick(type.values.length > 0 ? type.values : words);
      case 'bool':
        return this.#random.int(2) === 1;
      case 'int32':
        return this.#pick(wholeNumbers);
      case 'int64':
        return this.#pick(safeNumbers);
      case 'uint32':
      case 'uint64':
        return this.#pick(naturalNumbers);
      case 'float32':
        return Math.fround(this.#pick(floats));
      case 'float64':
        return this.#pick(floats);
      case 'bytes':
        return this.#pick(base64);
      case 'time':
        return this.#pick(times);
      case 'microTime':
        return this.#pick(microTimes);
      case 'duration':
        return this.#pick(durations);
      case 'quantity':
        return this.#pick(quantities);
      case 'intOrString':
        return this.#random.int(2) === 0 ? this.#pick(wholeNumbers) : this.#pick(['', 'http', '25%']);
      case 'rawExtension':
      case 'json':
        return structuredClone(this.#pick(jsonValues));
      case 'fieldsV1':
        return { 'f:metadata': { 'f:labels': { '.': {} } } };
      case 'object':
        return this.object(type.schema, depth - 1);
      case 'list':
        return this.#many(depth, () => this.#value(type.of, depth - 1));
      case 'map':
        return this.#map(type.of, depth);
      case 'schemaOrBool':
        return this.#random.int(2) === 0 || this.object(type.schema, depth - 1);
      case 'schemaOrArray':
        return this.#random.int(2) === 0
          ? this.object(type.schema, depth - 1)
          : this.#many(depth, () => this.object(type.schema, depth - 1));
      case 'schemaOrStringArray':
        return this.#random.int(2) === 0 ? this.object(type.schema, depth - 1) : [...words];
      default:
        return type satisfies never;
    }
  }

  #many<T>(depth: number, make: () => T): T[] {
    return Array.from({ length: depth > 0 ? this.#random.int(3) : 0 }, make);
  }

  #map(of: TypeSchema, depth: number): Record<string, unknown> {
    const chosen = new Set(this.#many(depth, () => this.#pick(keys)));
    // fromEntries makes own properties, whatever their names.
    return Object.fromEntries([...chosen].sort().map((key) => [key, this.#value(of, depth - 1)]));
  }
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}
