/** Named formats: `format.dns1123Label().validate(name)`. */
import {
  asPrefix,
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '../../names.ts';
import type { NameRule } from '../../names.ts';
import type { Library } from '../declarations.ts';
import { global, member, object, string } from '../declarations.ts';
import { listType, objectType, optionalType, stringType } from '../types.ts';
import { CelObject, Optional } from '../values.ts';
import { GoURLError, parseRequestURI } from './go-url.ts';

export const formatType = objectType('kubernetes.NamedFormat');

class CelFormat extends CelObject {
  readonly celType = formatType;
  readonly name: string;
  readonly validate: NameRule;
  readonly #size: number;

  /** `size`: how long a pattern upstream counts for it. */
  constructor(name: string, size: number, validate: NameRule) {
    super();
    this.name = name;
    this.#size = size;
    this.validate = validate;
  }

  override get size(): number {
    return this.#size;
  }

  override equals(other: CelObject): boolean {
    return other instanceof CelFormat && other.name === this.name;
  }

  override toJSON(): string {
    return this.name;
  }
}

function matching(pattern: RegExp, problem: string): NameRule {
  return (value) => (pattern.test(value) ? [] : [problem]);
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const dateForm = /^(\d{4})-(\d\d)-(\d\d)$/;
const dateTimeForm = /^(\d{4}-\d\d-\d\d)t(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:[.,]\d+)?(?:z|[+-]\d\d:\d\d)$/i;

function isDate(text: string): boolean {
  const found = dateForm.exec(text);
  if (found === null) return false;
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const uri: NameRule = (value) => {
  try {
    parseRequestURI(value);
    return [];
  } catch (error) {
    if (error instanceof GoURLError) return [error.message];
    throw error;
  }
};

const all = [
  ['dns1123Label', 'DNS1123Label', 30, isDNS1123Label],
  ['dns1123Subdomain', 'DNS1123Subdomain', 60, isDNS1123Subdomain],
  ['dns1035Label', 'DNS1035Label', 30, isDNS1035Label],
  ['qualifiedName', 'QualifiedName', 60, isQualifiedName],
  ['dns1123LabelPrefix', 'DNS1123LabelPrefix', 30, asPrefix(isDNS1123Label)],
  ['dns1123SubdomainPrefix', 'DNS1123SubdomainPrefix', 60, asPrefix(isDNS1123Subdomain)],
  ['dns1035LabelPrefix', 'DNS1035LabelPrefix', 30, asPrefix(isDNS1035Label)],
  ['labelValue', 'LabelValue', 40, isLabelValue],
  ['uri', 'URI', 1000, uri],
  ['uuid', 'uuid', 60, matching(uuid, 'does not match the UUID format')],
  ['byte', 'byte', 90, matching(base64, 'invalid base64')],
  ['date', 'date', 90, (value: string): string[] => (isDate(value) ? [] : ['invalid date'])],
  [
    'datetime',
    'datetime',
    90,
    (value: string): string[] => (isDate(dateTimeForm.exec(value)?.[1] ?? '') ? [] : ['invalid datetime']),
  ],
] as const;

const formats = new Map<string, CelFormat>(
  all.map(([key, name, size, validate]) => [key, new CelFormat(name, size, validate)]),
);

const format = object(formatType, CelFormat);

export const formatLibrary: Library = {
  validate: [
    member('format-validate', [format, string], optionalType(listType(stringType)), (one, text) => {
      const problems = one.validate(text);
      return problems.length === 0 ? Optional.none : new Optional(problems);
    }),
  ],
  'format.named': [
    global('format-named', [string], optionalType(formatType), (name) => {
      const found = formats.get(name);
      return found === undefined ? Optional.none : new Optional(found);
    }),
  ],
  ...Object.fromEntries(
    Array.from(formats, ([name, one]) => [`format.${name}`, [global(`format.${name}`, [], formatType, () => one)]]),
  ),
};
