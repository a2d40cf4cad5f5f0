/** What is wrong with a text that is no address, in the words of Go's package `net/netip`. */
import { quote } from '../../quote.ts';

function problem(text: string, what: string, at = ''): string {
  return `ParseAddr(${quote(text)}): ${what}${at === '' ? '' : ` (at ${quote(at)})`}`;
}

function problemOfIPv4(text: string, digits: string): string {
  const fields = digits.split('.');
  for (const [index, field] of fields.entries()) {
    const wrong = /[^0-9]/.exec(field);
    if (wrong !== null) {
      return problem(text, 'unexpected character', fields.slice(index).join('.').slice(wrong.index));
    }
    const isLast = index === fields.length - 1;
    if (field === '')
      return problem(text, 'IPv4 field must have at least one digit', isLast ? '' : fields.slice(index).join('.'));
    if (field.length > 1 && field.startsWith('0')) return problem(text, 'IPv4 field has octet with leading zero');
    if (Number(field) > 255) return problem(text, 'IPv4 field has value >255');
    if (index === 3 && !isLast) return problem(text, 'IPv4 address too long');
  }
  return problem(text, 'IPv4 address too short');
}

function problemOfIPv6(text: string): string {
  const groups = text.split('::').length - 1;
  if (groups > 1 || text.includes(':::'))
    return problem(text, 'multiple :: in address', text.slice(text.lastIndexOf('::')));
  const wrong = text.split(/[:.]/).find((field) => /[^0-9a-fA-F]/.test(field));
  if (wrong !== undefined) {
    const at = text.search(/[^0-9a-fA-F:.]/);
    const starts = at === 0 || /[:.]/.test(text[at - 1] ?? '');
    const what = starts
      ? 'each colon-separated field must have at least one digit'
      : 'unexpected character, want colon';
    return problem(text, what, text.slice(at));
  }
  const long = /[0-9a-fA-F]{5,}/.exec(text);
  if (long !== null) return problem(text, 'each group must have 4 or less digits', text.slice(long.index));
  if (/[^:]:$/.test(text)) return problem(text, 'colon must be followed by more characters', ':');
  const count = text.split(':').filter((field) => field !== '').length;
  if (groups === 0 && count < 8) return problem(text, 'address string too short');
  if (count > 8) return problem(text, 'trailing garbage after address', text.split(':').slice(8).join(':'));
  return problem(text, 'unable to parse IP');
}

/** The first sign of an address that a text has decides what it is taken for. */
export function addressProblem(text: string): string {
  const sign = /[.:%]/.exec(text)?.[0];
  if (sign === '.') return problemOfIPv4(text, text);
  if (sign === ':') return problemOfIPv6(text);
  return problem(text, sign === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}
