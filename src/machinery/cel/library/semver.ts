/** Semantic versions in expressions (semver.org, version 2). */
import type { Library } from '../declarations.ts';
import { bool, global, member, object, string } from '../declarations.ts';
import { fail } from '../failure.ts';
import { boolType, intType, objectType } from '../types.ts';
import { CelObject, maxUint64, narrow } from '../values.ts';

export const semverType = objectType('kubernetes.Semver');

interface Version {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  readonly prerelease: readonly string[];
  readonly build: readonly string[];
}

const numeric = /^\d+$/;

function compareIdentifiers(a: string, b: string): number {
  const [isANumber, isBNumber] = [numeric.test(a), numeric.test(b)];
  if (isANumber && isBNumber) {
    const [left, right] = [BigInt(a), BigInt(b)];
    return left === right ? 0 : left < right ? -1 : 1;
  }
  if (isANumber !== isBNumber) return isANumber ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** By precedence: what was built does not count. */
function compare(a: Version, b: Version): -1 | 0 | 1 {
  for (const [index, left] of a.numbers.entries()) {
    const right = b.numbers[index] ?? 0n;
    if (left !== right) return left < right ? -1 : 1;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    if (a.prerelease.length === b.prerelease.length) return 0;
    return a.prerelease.length === 0 ? 1 : -1;
  }
  const length = Math.min(a.prerelease.length, b.prerelease.length);
  for (let index = 0; index < length; index++) {
    const sign = compareIdentifiers(a.prerelease[index] ?? '', b.prerelease[index] ?? '');
    if (sign !== 0) return sign < 0 ? -1 : 1;
  }
  const difference = a.prerelease.length - b.prerelease.length;
  return difference === 0 ? 0 : difference < 0 ? -1 : 1;
}

export class CelSemver extends CelObject {
  readonly celType = semverType;
  readonly version: Version;

  constructor(version: Version) {
    super();
    this.version = version;
  }

  override equals(other: CelObject): boolean {
    return other instanceof CelSemver && compare(this.version, other.version) === 0;
  }

  override toJSON(): string {
    const { numbers, prerelease, build } = this.version;
    const before = prerelease.length === 0 ? '' : `-${prerelease.join('.')}`;
    return `${numbers.join('.')}${before}${build.length === 0 ? '' : `+${build.join('.')}`}`;
  }
}

/** More characters are in no version; numbers are read from them. */
const maxLength = 1000;

type Reading = Version | { readonly problem: string };

function readNumbers(parts: readonly string[]): bigint[] | { readonly problem: string } {
  const numbers: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    const name = ['major', 'minor', 'patch'][index] ?? '';
    if (!numeric.test(part)) {
      return part === ''
        ? { problem: `strconv.ParseUint: parsing "": invalid syntax` }
        : { problem: `Invalid character(s) found in ${name} number ${JSON.stringify(part)}` };
    }
    if (part.length > 1 && part.startsWith('0')) {
      const shown = JSON.stringify(part);
      return { problem: `${name[0]?.toUpperCase()}${name.slice(1)} number must not contain leading zeroes ${shown}` };
    }
    const value = BigInt(part);
    if (value > maxUint64) return { problem: `strconv.ParseUint: parsing ${JSON.stringify(part)}: value out of range` };
    numbers.push(value);
  }
  return numbers;
}

function readIdentifiers(text: string | undefined, kind: string): string[] | { readonly problem: string } {
  if (text === undefined) return [];
  const identifiers = text.split('.');
  for (const identifier of identifiers) {
    if (identifier === '') return { problem: kind === 'build' ? 'Build meta data is empty' : 'Prerelease is empty' };
    if (!/^[0-9A-Za-z-]+$/.test(identifier)) {
      const where = kind === 'build' ? 'build meta data' : 'prerelease';
      return { problem: `Invalid character(s) found in ${where} ${JSON.stringify(identifier)}` };
    }
    if (kind === 'prerelease' && numeric.test(identifier) && identifier.length > 1 && identifier.startsWith('0')) {
      return { problem: `Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(identifier)}` };
    }
  }
  return identifiers;
}

function readVersion(text: string): Reading {
  if (text === '') return { problem: 'Version string empty' };
  if (text.length > maxLength) return { problem: 'Version string too long' };
  const [major = '', minor, ...rest] = text.split('.');
  if (minor === undefined || rest.length === 0) return { problem: 'No Major.Minor.Patch elements found' };
  let patch = rest.join('.');
  const plus = patch.indexOf('+');
  const build = plus < 0 ? undefined : patch.slice(plus + 1);
  if (plus >= 0) patch = patch.slice(0, plus);
  const dash = patch.indexOf('-');
  const prerelease = dash < 0 ? undefined : patch.slice(dash + 1);
  if (dash >= 0) patch = patch.slice(0, dash);
  const numbers = readNumbers([major, minor, patch]);
  if ('problem' in numbers) return numbers;
  const before = readIdentifiers(prerelease, 'prerelease');
  if ('problem' in before) return before;
  const after = readIdentifiers(build, 'build');
  if ('problem' in after) return after;
  const [first = 0n, second = 0n, third = 0n] = numbers;
  return { numbers: [first, second, third], prerelease: before, build: after };
}

/** Without a `v` in front, with missing numbers, without zeros in front. */
function normalized(text: string): string | { readonly problem: string } {
  const [major = '', minor, ...rest] = text.replace(/^v/, '').split('.');
  const parts = [major, ...(minor === undefined ? [] : [minor]), ...(rest.length === 0 ? [] : [rest.join('.')])];
  const stripped = parts.map((part) => {
    if (part.length <= 1) return part;
    const bare = part.replace(/^0+/, '');
    return /^\d/.test(bare) ? bare : `0${bare}`;
  });
  if (stripped.length < 3) {
    if (/[+-]/.test(stripped.at(-1) ?? '')) {
      return { problem: 'short version cannot contain PreRelease/Build meta data' };
    }
    while (stripped.length < 3) stripped.push('0');
  }
  return stripped.join('.');
}

function read(text: string, isTolerant: boolean): Reading {
  const plain = isTolerant ? normalized(text) : text;
  return typeof plain === 'string' ? readVersion(plain) : plain;
}

function parse(text: string, isTolerant: boolean): CelSemver {
  const version = read(text, isTolerant);
  return 'problem' in version ? fail(version.problem) : new CelSemver(version);
}

const semver = object(semverType, CelSemver);

export const semverLibrary: Library = {
  semver: [
    global('string_to_semver', [string], semverType, (text) => parse(text, false)),
    global('string_bool_to_semver', [string, bool], semverType, parse),
  ],
  isSemver: [
    global('is_semver_string', [string], boolType, (text) => !('problem' in read(text, false))),
    global(
      'is_semver_string_bool',
      [string, bool],
      boolType,
      (text, isTolerant) => !('problem' in read(text, isTolerant)),
    ),
  ],
  isGreaterThan: [
    member('semver_is_greater_than', [semver, semver], boolType, (a, b) => compare(a.version, b.version) > 0),
  ],
  isLessThan: [member('semver_is_less_than', [semver, semver], boolType, (a, b) => compare(a.version, b.version) < 0)],
  compareTo: [member('semver_compare_to', [semver, semver], intType, (a, b) => compare(a.version, b.version))],
  major: [member('semver_major', [semver], intType, ({ version }) => narrow(version.numbers[0]))],
  minor: [member('semver_minor', [semver], intType, ({ version }) => narrow(version.numbers[1]))],
  patch: [member('semver_patch', [semver], intType, ({ version }) => narrow(version.numbers[2]))],
};
