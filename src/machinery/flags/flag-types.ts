/** What the values of flags are of: how they are read, shown, and refused. */
import { isIP } from 'node:net';
import { parseCsv } from '../csv.ts';
import { DurationError, formatDuration, parseDuration } from '../duration.ts';
import { parseWrittenCIDR } from '../cidr.ts';
import type { CIDR } from '../cidr.ts';
import { quote } from '../quote.ts';

export interface FlagType<T> {
  /** As `--help` shows it after the flag: `int`, `duration`, `strings`. */
  readonly name: string;
  /** Throws FlagValueError with what is allowed. */
  parse(text: string): T;
  /** The value as one would write it; '' where `--help` need not show it as a default. */
  print(value: T): string;
  /** What a flag given again adds to what it was given before. Absent: the last counts. */
  merge?(earlier: T, later: T): T;
  /** May stand without a value, which then means this. */
  readonly bareValue?: string;
}

/** A value that a flag does not take; the message says what it takes. */
export class FlagValueError extends Error {
  override name = 'FlagValueError';
}

/** Any text. */
export const text: FlagType<string> = {
  name: 'string',
  parse: (value) => value,
  print: (value) => (value === '' ? '' : quote(value)),
};

/** Text that may be absent: a path, mostly. An empty value is no value. */
export const optionalText: FlagType<string | undefined> = {
  name: 'string',
  parse: (value) => (value === '' ? undefined : value),
  print: (value) => (value === undefined ? '' : quote(value)),
};

const trueWords = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseWords = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** True or false; bare, it means true. A value must follow after `=`. */
export const boolean: FlagType<boolean> = {
  name: '',
  bareValue: 'true',
  parse(value) {
    if (trueWords.has(value)) return true;
    if (falseWords.has(value)) return false;
    throw new FlagValueError('must be true or false');
  },
  print: (value) => (value ? 'true' : ''),
};

/** A whole number from `min` to `max`, both included. */
export function integer({ min, max }: { min: number; max: number }): FlagType<number> {
  return {
    name: 'int',
    parse(value) {
      const number = Number(value);
      const isWritten = /^[-+]?\d+$/.test(value);
      if (isWritten && Number.isSafeInteger(number) && number >= min && number <= max) return number;
      const upTo = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
      throw new FlagValueError(`must be a whole number ${upTo}`);
    },
    print: (value) => (value === 0 ? '' : String(value)),
  };
}

/** A number that need not be whole. */
export function decimal({ min, max }: { min: number; max: number }): FlagType<number> {
  return {
    name: 'float',
    parse(value) {
      const number = Number(value);
      if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value) && number >= min && number <= max) return number;
      throw new FlagValueError(
        max === Infinity ? `must be a number of ${min} or more` : `must be a number from ${min} to ${max}`,
      );
    },
    print: (value) => (value === 0 ? '' : String(value)),
  };
}

/** A duration as Go writes it; its value is in milliseconds. */
export function durationMs({ minMs }: { minMs: number }): FlagType<number> {
  return {
    name: 'duration',
    parse(value) {
      let nanoseconds: bigint;
      try {
        nanoseconds = parseDuration(value);
      } catch (error) {
        if (error instanceof DurationError) throw new FlagValueError('must be a duration such as 300ms, 1.5h or 2h45m');
        throw error;
      }
      // Whole milliseconds apart, so that they stay exact.
      const ms = Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
      if (ms < minMs) throw new FlagValueError(`must be a duration of ${printMs(minMs)} or more`);
      return ms;
    },
    print: (value) => (value === 0 ? '' : printMs(value)),
  };
}

function printMs(ms: number): string {
  return formatDuration(BigInt(Math.trunc(ms)) * 1_000_000n + BigInt(Math.round((ms % 1) * 1e6)));
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): FlagType<T> {
  return {
    name: 'string',
    parse: (value) => wordOf(value, words),
    print: (value) => (value === '' ? '' : quote(value)),
  };
}

function wordOf<T extends string>(value: string, words: readonly T[]): T {
  const word = words.find((known) => known === value);
  if (word === undefined) throw new FlagValueError(`must be one of ${words.join(', ')}`);
  return word;
}

/** Words separated by commas (CSV, for those that hold one); given again, more of them. */
export const list: FlagType<readonly string[]> = {
  name: 'strings',
  parse(value) {
    const refuse = (): never => {
      throw new FlagValueError('must be a list separated by commas, quoted as in CSV');
    };
    return parseCsv(value, refuse)[0]?.fields ?? [];
  },
  print: (value) => (value.length === 0 ? '' : `[${value.join(',')}]`),
  merge: (earlier, later) => [...earlier, ...later],
};

/** A list of which every member is of a known set. */
export function choices<const T extends string>(words: readonly T[]): FlagType<readonly T[]> {
  return {
    name: 'strings',
    parse: (value) => list.parse(value).map((word) => wordOf(word, words)),
    print: (value) => list.print(value),
    merge: (earlier, later) => [...earlier, ...later],
  };
}

/** An IP address. */
export const address: FlagType<string> = {
  name: 'ip',
  parse(value) {
    if (isIP(value) === 0) throw new FlagValueError('must be an IP address such as 192.0.2.1 or 2001:db8::1');
    return value;
  },
  print: (value) => value,
};

/** An IP address, or none. */
export const optionalAddress: FlagType<string | undefined> = {
  name: 'ip',
  parse: (value) => (value === '' ? undefined : address.parse(value)),
  print: (value) => value ?? '',
};

/** One network, or one of each IP family. */
export const networks: FlagType<readonly CIDR[]> = {
  name: 'string',
  parse(value) {
    const written = value.split(',').map((part) => parseWrittenCIDR(part.trim()));
    // As Go's parser: bits beyond the prefix are dropped, zeros in front are refused.
    const cidrs = written.flatMap((read) => (read === undefined || read.hasLeadingZeros ? [] : [read.network]));
    const families = new Set(cidrs.map((cidr) => cidr.family));
    if (cidrs.length !== written.length || families.size !== cidrs.length) {
      throw new FlagValueError('must be a network such as 10.96.0.0/12, or one IPv4 and one IPv6 network with a comma');
    }
    return cidrs;
  },
  print: (value) => value.join(','),
};

/** Ports from one to another, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** `30000-32767`, or `30000+2767`, as upstream's `PortRange`. */
export const portRange: FlagType<PortRange> = {
  name: 'portRange',
  parse(value) {
    const [, firstText, operator, secondText] = /^(\d+)(?:([-+])(\d+))?$/.exec(value.trim()) ?? [];
    const first = Number(firstText);
    const second = secondText === undefined ? first : Number(secondText);
    const last = operator === '+' ? Math.min(first + second, 65535) : second;
    if (firstText === undefined || first > 65535 || last > 65535 || last < first) {
      throw new FlagValueError('must be a range of ports such as 30000-32767');
    }
    return { first, last };
  },
  print: ({ first, last }) => `${first}-${last}`,
};
