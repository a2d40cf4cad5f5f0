import { defineScalarTag, NOT_RESOLVED } from 'js-yaml';
import { integer } from '../../machinery/exact-integer.ts';

/** The words that YAML 1.1 takes for truth values, as upstream's parser does: a plain `on` or `no` is one. */
const booleans = new Map<string, boolean>();
for (const word of ['y', 'yes', 'on', 'true', 'n', 'no', 'off', 'false']) {
  const value = ['y', 'yes', 'on', 'true'].includes(word);
  booleans.set(word, value);
  booleans.set(word.toUpperCase(), value);
  booleans.set(word.charAt(0).toUpperCase() + word.slice(1), value);
}

export const booleanTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: [...'yYnNtTfFoO'],
  resolve: (source) => booleans.get(source) ?? NOT_RESOLVED,
  identify: (value) => typeof value === 'boolean',
});

const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

/** An integer as Go's ParseInt reads it with base 0 (`0644` is octal) after underscores are dropped. */
function parseInteger(source: string): bigint | undefined {
  const [, sign = '', digits = ''] = /^([-+]?)(\d[\da-zA-Z_]*)$/.exec(source) ?? [];
  const plain = digits.replaceAll('_', '');
  let text: string;
  if (/^0[xob]/i.test(plain)) text = plain.toLowerCase();
  else if (/^0[0-7]+$/.test(plain)) text = `0o${plain}`;
  else if (/^(?:0|[1-9]\d*)$/.test(plain)) text = plain;
  else return undefined;
  let value: bigint;
  try {
    value = BigInt(text);
  } catch {
    return undefined;
  }
  if (sign === '-') value = -value;
  return value < minInt64 || value > maxUint64 ? undefined : value;
}

const numberStart = [...'+-0123456789'];

export const integerTag = defineScalarTag<unknown>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: numberStart,
  resolve: (source) => {
    const value = parseInteger(source);
    return value === undefined ? NOT_RESOLVED : integer(value);
  },
  identify: Number.isInteger,
});

const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const infinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

export const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...numberStart, '.'],
  resolve: (source) => {
    if (infinite.test(source)) {
      const value = source.toLowerCase() === '.nan' ? 'NaN' : source.startsWith('-') ? '-Inf' : '+Inf';
      throw new Error(`json: unsupported value: ${value}`);
    }
    const plain = source.replaceAll('_', '');
    return float.test(plain) ? Number(plain) : NOT_RESOLVED;
  },
  identify: (value) => typeof value === 'number',
});

/** Explicit `!!binary`: upstream keeps the bytes as a string. */
export const binaryTag = defineScalarTag<string>('tag:yaml.org,2002:binary', {
  resolve: (source) => Buffer.from(source.replace(/\s/g, ''), 'base64').toString('utf8'),
  identify: () => false,
});
