/** URLs as Go's `url.ParseRequestURI` and `url.Parse` read them; JavaScript's own URL accepts and changes too much. */
import { quote } from '../../quote.ts';

export interface GoURL {
  readonly scheme: string;
  /** With port, brackets around IPv6 addresses, unescaped. */
  readonly host: string;
  /** Unescaped. */
  readonly path: string;
  /** As it was written, when that is a right way of escaping the path. */
  readonly writtenPath: string;
  readonly rawQuery: string;
  readonly text: string;
}

/** A text that is no URL. The message is Go's. */
export class GoURLError extends Error {
  override name = 'GoURLError';
}

function refuse(text: string, what: string): never {
  throw new GoURLError(`parse ${quote(text)}: ${what}`);
}

const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/s;

function unescape(text: string, whole: string): string {
  const wrong = badEscape.exec(text);
  if (wrong !== null) refuse(whole, `invalid URL escape ${quote(wrong[0].slice(0, 3))}`);
  return text.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/** The scheme and what is behind its colon. */
function takeScheme(text: string, whole: string): [scheme: string, rest: string] {
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (/[a-zA-Z]/.test(character)) continue;
    if (/[0-9+.-]/.test(character)) {
      if (at === 0) return ['', text];
      continue;
    }
    if (character !== ':') return ['', text];
    return at === 0 ? refuse(whole, 'missing protocol scheme') : [text.slice(0, at).toLowerCase(), text.slice(at + 1)];
  }
  return ['', text];
}

/** Characters that Go wants escaped in a host; brackets and colons have their meaning. */
const badHostCharacter = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\u0080-\u{10ffff}%]/u;

function readHost(authority: string, whole: string): string {
  const at = authority.lastIndexOf('@');
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) {
    throw new GoURLError(`parse ${quote(whole)}: net/url: invalid userinfo`);
  }
  const host = authority.slice(at + 1);
  let port = '';
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) refuse(whole, "missing ']' in host");
    port = host.slice(end + 1);
  } else {
    const colon = host.lastIndexOf(':');
    if (colon >= 0) port = host.slice(colon);
    // Only the last colon begins a port.
    if (host.indexOf(':') !== colon) refuse(whole, `invalid port ${quote(host.slice(host.indexOf(':')))} after host`);
  }
  if (port !== '' && !/^:\d*$/.test(port)) refuse(whole, `invalid port ${quote(port)} after host`);
  const wrong = badHostCharacter.exec(host);
  if (wrong !== null) refuse(whole, `invalid character ${quote(wrong[0])} in host name`);
  const escape = /%[0-9a-fA-F]{2}/.exec(host);
  if (escape !== null && /%[0-7]/.test(escape[0]) && !host.startsWith('[')) {
    refuse(whole, `invalid URL escape ${quote(escape[0])}`);
  }
  return unescape(host, whole);
}

function read(text: string, whole: string, isRequest: boolean): GoURL {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) refuse(whole, 'net/url: invalid control character in URL');
  if (text === '') {
    if (isRequest) refuse(whole, 'empty url');
    return { scheme: '', host: '', path: '', writtenPath: '', rawQuery: '', text: whole };
  }
  const [scheme, afterScheme] = takeScheme(text, whole);
  const question = afterScheme.indexOf('?');
  const rawQuery = question < 0 ? '' : afterScheme.slice(question + 1);
  let rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  if (!rest.startsWith('/')) {
    // A scheme followed by anything else, such as mailto:someone, has neither host nor path.
    if (scheme !== '') return { scheme, host: '', path: '', writtenPath: '', rawQuery, text: whole };
    if (isRequest) refuse(whole, 'invalid URI for request');
    if (rest.split('/')[0]?.includes(':') === true) refuse(whole, 'first path segment in URL cannot contain colon');
  }
  let host = '';
  if ((scheme !== '' || (!isRequest && !rest.startsWith('///'))) && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2);
    host = readHost(slash < 0 ? rest.slice(2) : rest.slice(2, slash), whole);
    rest = slash < 0 ? '' : rest.slice(slash);
  }
  return { scheme, host, path: unescape(rest, whole), writtenPath: rest, rawQuery, text: whole };
}

/** `url.ParseRequestURI`: an absolute URL or an absolute path. Throws a GoURLError. */
export function parseRequestURI(text: string): GoURL {
  return read(text, text, true);
}

/** `url.Parse`: also knows the fragment. Throws a GoURLError. */
export function parseURL(text: string): GoURL {
  const hash = text.indexOf('#');
  return read(hash < 0 ? text : text.slice(0, hash), text, false);
}

const pathCharacter = /^[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]]$/;
const escapedByDefault = /[^A-Za-z0-9\-_.~$&+,/:;=@]/gu;

function percent(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** `EscapedPath`: as written when that is right, escaped anew otherwise. */
export function escapedPath({ path, writtenPath }: GoURL): string {
  const isRight = Array.from(writtenPath).every((character) => character === '%' || pathCharacter.test(character));
  if (isRight) return writtenPath;
  return path === '*' ? '*' : path.replaceAll(escapedByDefault, percent);
}

export function hostname({ host }: GoURL): string {
  const bare = host.replace(/:\d*$/, '');
  return bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare;
}

export function port({ host }: GoURL): string {
  return /:(\d*)$/.exec(host)?.[1] ?? '';
}

function queryText(text: string): string | undefined {
  if (badEscape.test(text)) return undefined;
  return unescape(text.replaceAll('+', ' '), text);
}

/** Values by key; what is not rightly escaped is left out. */
export function queryOf({ rawQuery }: GoURL): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const part of rawQuery.split('&')) {
    if (part === '' || part.includes(';')) continue;
    const equals = part.indexOf('=');
    const key = queryText(equals < 0 ? part : part.slice(0, equals));
    const value = queryText(equals < 0 ? '' : part.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    const known = query.get(key);
    if (known === undefined) query.set(key, [value]);
    else known.push(value);
  }
  return query;
}
