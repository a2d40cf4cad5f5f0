/** The strings extension, version 2. Positions count Unicode characters. */
import type { Library } from '../declarations.ts';
import { global, int, list, member, string } from '../declarations.ts';
import { checkTextLength } from '../bounds.ts';
import { fail } from '../failure.ts';
import { dynType, intType, listType, stringType } from '../types.ts';
import type { CelValue } from '../values.ts';
import { codePointLength } from '../values.ts';
import { formatText } from './string-format.ts';

type Int = number | bigint;

/** The characters of a text: the text itself when its units are its characters, which is nearly always. */
function characters(text: string): readonly string[] | string {
  return codePointLength(text) === text.length ? text : Array.from(text);
}

function cut(all: readonly string[] | string, start: number, end: number): string {
  return typeof all === 'string' ? all.slice(start, end) : all.slice(start, end).join('');
}

function outOfRange(index: Int): never {
  return fail(`index out of range: ${index}`);
}

function charAt(text: string, index: Int): string {
  const all = characters(text);
  const at = Number(index);
  if (at < 0 || at > all.length) outOfRange(index);
  return all[at] ?? '';
}

function startsAt(all: readonly string[] | string, part: readonly string[] | string, at: number): boolean {
  for (let index = 0; index < part.length; index++) if (all[at + index] !== part[index]) return false;
  return true;
}

function indexOf(text: string, part: string, offset: Int): number {
  const at = Number(offset);
  if (part === '') return at;
  const [all, wanted] = [characters(text), characters(part)];
  if (at < 0) outOfRange(offset);
  if (at >= all.length) return at > all.length ? outOfRange(offset) : -1;
  for (let index = at; index <= all.length - wanted.length; index++) if (startsAt(all, wanted, index)) return index;
  return -1;
}

function lastIndexOf(text: string, part: string, offset: Int): number {
  const at = Number(offset);
  if (part === '') return at;
  const [all, wanted] = [characters(text), characters(part)];
  if (at < 0 || at >= all.length) outOfRange(offset);
  for (let index = Math.min(at, all.length - wanted.length); index >= 0; index--) {
    if (startsAt(all, wanted, index)) return index;
  }
  return -1;
}

function lastIndex(text: string, part: string): number {
  const length = codePointLength(text);
  if (part === '') return length;
  return length < codePointLength(part) ? -1 : lastIndexOf(text, part, length - 1);
}

function substring(text: string, start: Int, end?: Int): string {
  const all = characters(text);
  const [from, to] = [Number(start), end === undefined ? all.length : Number(end)];
  if (end !== undefined && from > to) fail(`invalid substring range. start: ${start}, end: ${end}`);
  if (from < 0 || from > all.length) outOfRange(start);
  if (to < 0 || to > all.length) outOfRange(end ?? start);
  return cut(all, from, to);
}

function replace(text: string, wanted: string, replacement: string, limit: Int): string {
  const count = Number(limit) < 0 ? Infinity : Number(limit);
  if (count === 0) return text;
  // Without anything to look for, it goes before each character and to the end.
  const parts = wanted === '' ? ['', ...Array.from(text), ''] : text.split(wanted);
  const times = Math.min(count, parts.length - 1);
  checkTextLength(text.length + times * Math.max(replacement.length - wanted.length, 0));
  const behind = parts.slice(times).join(wanted);
  return [...parts.slice(0, times), behind].join(replacement);
}

function split(text: string, separator: string, limit: Int): string[] {
  const count = Number(limit);
  if (count === 0) return [];
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function join(items: readonly CelValue[], separator: string): string {
  let length = items.length * separator.length;
  for (const item of items) length += typeof item === 'string' ? item.length : fail('no such overload: join(list)');
  checkTextLength(length);
  return items.join(separator);
}

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

function quoteText(text: string): string {
  const escaped = Array.from(text.toWellFormed(), (character) => escapes[character] ?? character);
  return `"${escaped.join('')}"`;
}

/** Unicode's white space as Go trims it: without the marks of byte order and the zero-width spaces. */
const spaceAround =
  /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

const texts = list(stringType);

export const stringLibrary: Library = {
  charAt: [member('string_char_at_int', [string, int], stringType, charAt)],
  indexOf: [
    member('string_index_of_string', [string, string], intType, (text, part) => indexOf(text, part, 0)),
    member('string_index_of_string_int', [string, string, int], intType, indexOf),
  ],
  lastIndexOf: [
    member('string_last_index_of_string', [string, string], intType, lastIndex),
    member('string_last_index_of_string_int', [string, string, int], intType, lastIndexOf),
  ],
  lowerAscii: [
    member('string_lower_ascii', [string], stringType, (text) =>
      text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()),
    ),
  ],
  upperAscii: [
    member('string_upper_ascii', [string], stringType, (text) =>
      text.replaceAll(/[a-z]+/g, (part) => part.toUpperCase()),
    ),
  ],
  replace: [
    member('string_replace_string_string', [string, string, string], stringType, (text, wanted, replacement) =>
      replace(text, wanted, replacement, -1),
    ),
    member('string_replace_string_string_int', [string, string, string, int], stringType, replace),
  ],
  split: [
    member('string_split_string', [string, string], listType(stringType), (text, separator) =>
      split(text, separator, -1),
    ),
    member('string_split_string_int', [string, string, int], listType(stringType), split),
  ],
  substring: [
    member('string_substring_int', [string, int], stringType, (text, start) => substring(text, start)),
    member('string_substring_int_int', [string, int, int], stringType, substring),
  ],
  trim: [member('string_trim', [string], stringType, (text) => text.replaceAll(spaceAround, ''))],
  join: [
    member('list_join', [texts], stringType, (items) => join(items, '')),
    member('list_join_string', [texts, string], stringType, join),
  ],
  format: [member('string_format', [string, list(dynType)], stringType, formatText)],
  'strings.quote': [global('strings_quote', [string], stringType, quoteText)],
};
