/** A program's flags by upstream's grammar (that of Go's pflag). */
import { quote } from '../quote.ts';
import { FlagValueError } from './flag-types.ts';
import type { FlagType } from './flag-types.ts';
import { nearest } from './nearest.ts';

export interface Flag<T> {
  readonly type: FlagType<T>;
  readonly default: T;
  /** For `--help`; a word in back quotes stands for the value there. */
  readonly usage: string;
  /** The heading under which `--help` shows it. */
  readonly section: string;
  /** One letter, for `-v 4`. */
  readonly shorthand?: string;
}

/** By name, without the dashes. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never;
};

/** A flag of upstream's that does not work here yet. */
export interface UnimplementedFlag {
  /** Values that ask for what happens anyway; all others are refused. */
  readonly harmless: readonly string[];
  readonly isBoolean: boolean;
}

export interface FlagSet<F extends Flags> {
  /** The program's name, for messages. */
  readonly program: string;
  readonly flags: F;
  readonly unimplemented?: Readonly<Record<string, UnimplementedFlag>>;
  /** Whether words that are no flags may stand among them. Absent: they are refused. */
  readonly takesArguments?: boolean;
}

export interface ParsedFlags<F extends Flags> {
  readonly values: FlagValues<F>;
  /** What is no flag, in order; everything after `--`. */
  readonly args: readonly string[];
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>;
  /** `--help` or `-h` was given: nothing else counts. */
  readonly help: boolean;
  readonly warnings: readonly string[];
}

/** The command line is wrong; the message says what, and what would be right. */
export class FlagError extends Error {
  override name = 'FlagError';
}

/** Gives flags their section. */
export function section<const F extends Readonly<Record<string, Omit<Flag<unknown>, 'section'>>>>(
  name: string,
  flags: F,
): { readonly [Name in keyof F]: F[Name] & { readonly section: string } } {
  const entries = Object.entries(flags).map(([flag, definition]) => [flag, { ...definition, section: name }]);
  return Object.fromEntries(entries);
}

/** A flag of this type. */
export function flag<T>(
  type: FlagType<T>,
  defaultValue: NoInfer<T>,
  usage: string,
  shorthand?: string,
): Omit<Flag<T>, 'section'> {
  return { type, default: defaultValue, usage, ...(shorthand === undefined ? {} : { shorthand }) };
}

/** One flag as it stands on the command line. */
interface Given {
  /** As it was written, for messages: `--secure-port`, `-v`. */
  readonly written: string;
  readonly name: string;
  /** Undefined: nothing follows after `=`. */
  readonly value: string | undefined;
}

/** Reads the arguments after the program's name. Throws FlagError. */
export function parseFlags<F extends Flags>(set: FlagSet<F>, args: readonly string[]): ParsedFlags<F> {
  const values = new Map<string, unknown>(Object.entries(set.flags).map(([name, { default: value }]) => [name, value]));
  const given = new Map<string, string>();
  const warnings: string[] = [];
  const words: string[] = [];
  let help = false;
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? '';
    if (argument === '--' && at === args.length - 1) break;
    if (argument === '--' || !argument.startsWith('-') || argument === '-') {
      const rest = args.slice(argument === '--' ? at + 1 : at);
      if (set.takesArguments === true) {
        words.push(...(argument === '--' ? rest : [argument]));
        if (argument === '--') break;
        continue;
      }
      throw new FlagError(`${quote(set.program)} does not take any arguments, got [${rest.map(quote).join(' ')}]`);
    }
    const { written, name, value } = readFlag(set, argument, warnings);
    if (name === 'help') {
      help = true;
      continue;
    }
    const known = set.flags[name];
    const missing = set.unimplemented?.[name];
    if (known === undefined && missing === undefined) throw unknownFlag(set, written);
    const bareValue = known === undefined ? (missing?.isBoolean === true ? 'true' : undefined) : known.type.bareValue;
    const text = value ?? bareValue ?? args[++at];
    if (text === undefined) throw new FlagError(`flag needs an argument: ${written}`);
    if (known === undefined) {
      refuseUnlessHarmless(written, text, missing);
      continue;
    }
    const read = readValue(written, known.type, text);
    const before = given.get(name);
    if (before !== undefined && known.type.merge === undefined && before !== text) {
      warnings.push(`${written} was given several times: ${quote(text)} counts, ${quote(before)} does not`);
    }
    const merged = before === undefined ? undefined : known.type.merge?.(values.get(name), read);
    values.set(name, merged ?? read);
    given.set(name, text);
  }
  // The map has one entry for every flag of F, of the type of that flag.
  return {
    values: Object.fromEntries(values) as FlagValues<F>,
    args: words,
    given: new Set(given.keys()),
    help,
    warnings,
  };
}

function readFlag<F extends Flags>(set: FlagSet<F>, argument: string, warnings: string[]): Given {
  const equals = argument.indexOf('=');
  const written = equals === -1 ? argument : argument.slice(0, equals);
  const value = equals === -1 ? undefined : argument.slice(equals + 1);
  if (written.startsWith('--')) {
    const bare = written.slice(2);
    if (bare === '' || bare.startsWith('-')) throw new FlagError(`bad flag syntax: ${argument}`);
    const name = bare.replaceAll('_', '-');
    if (name !== bare) {
      warnings.push(`using an underscore in a flag name is not supported. ${bare} has been converted to ${name}.`);
    }
    return { written: `--${name}`, name, value };
  }
  const letter = written[1] ?? '';
  if (letter === 'h') return { written: '-h', name: 'help', value: undefined };
  const entry = Object.entries(set.flags).find(([, { shorthand }]) => shorthand === letter);
  if (entry === undefined) {
    // One dash before a long name is a slip that has its own name.
    const meant = written.slice(1).replaceAll('_', '-');
    const isLong = meant in set.flags || meant in (set.unimplemented ?? {});
    throw new FlagError(
      `unknown shorthand flag: '${letter}' in ${argument}${isLong ? ` (did you mean -${written}?)` : ''}`,
    );
  }
  const attached = argument.slice(2).replace(/^=/, '');
  return { written: `-${letter}`, name: entry[0], value: argument.length > 2 ? attached : undefined };
}

function unknownFlag<F extends Flags>(set: FlagSet<F>, written: string): FlagError {
  const names = [...Object.keys(set.flags), ...Object.keys(set.unimplemented ?? {}), 'help'];
  const guess = nearest(written.slice(2), names);
  return new FlagError(`unknown flag: ${written}${guess === undefined ? '' : ` (did you mean --${guess}?)`}`);
}

function refuseUnlessHarmless(written: string, text: string, missing: UnimplementedFlag | undefined): void {
  const harmless = missing?.harmless ?? [];
  const isHarmless = missing?.isBoolean === true ? harmless.includes(text.toLowerCase()) : harmless.includes(text);
  if (isHarmless) return;
  const but =
    harmless.length === 0 ? '' : `; it can only be ${harmless.map((value) => `${written}=${value}`).join(' or ')}`;
  throw new FlagError(`${written}=${text} is not implemented yet${but}`);
}

function readValue<T>(written: string, type: FlagType<T>, text: string): T {
  try {
    return type.parse(text);
  } catch (error) {
    if (!(error instanceof FlagValueError)) throw error;
    throw new FlagError(`invalid argument ${quote(text)} for ${written}: ${error.message}`);
  }
}
