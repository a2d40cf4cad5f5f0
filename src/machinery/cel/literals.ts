/** What the tokens of literals mean. Undefined is returned for what the lexer lets through but is no value. */
import type { CelValue } from './values.ts';
import { doubleOf, maxInt64, maxUint64, minInt64, narrow, Uint } from './values.ts';

export function readInt(text: string, isNegative: boolean): CelValue | undefined {
  const magnitude = BigInt(text);
  const value = isNegative ? -magnitude : magnitude;
  return value > maxInt64 || value < minInt64 ? undefined : narrow(value);
}

export function readUint(text: string): CelValue | undefined {
  const value = BigInt(text.slice(0, -1));
  return value > maxUint64 ? undefined : new Uint(value);
}

export function readDouble(text: string, isNegative: boolean): CelValue | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? doubleOf(isNegative ? -value : value) : undefined;
}

const simple: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '"': 34,
  "'": 39,
  '\\': 92,
  '?': 63,
  '`': 96,
};

interface Piece {
  /** A character of the text, or a byte when it was written as one in bytes. */
  readonly code: number;
  readonly isByte: boolean;
}

/** One escape sequence, after the backslash; undefined when it is no character. */
function readEscape(text: string, isBytes: boolean): { piece: Piece; length: number } | undefined {
  const letter = text[0] ?? '';
  const known = simple[letter];
  if (known !== undefined) return { piece: { code: known, isByte: false }, length: 1 };
  const isOctal = letter >= '0' && letter <= '3';
  const length = isOctal || letter === 'x' || letter === 'X' ? 3 : letter === 'u' ? 5 : 9;
  const code = isOctal ? Number.parseInt(text.slice(0, 3), 8) : Number.parseInt(text.slice(1, length), 16);
  const isUnicode = letter === 'u' || letter === 'U';
  if (isBytes && isUnicode) return undefined;
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return { piece: { code, isByte: isBytes }, length };
}

function* pieces(body: string, isBytes: boolean): IterableIterator<Piece | undefined> {
  for (let at = 0; at < body.length;) {
    if (body[at] === '\\') {
      const escape = readEscape(body.slice(at + 1, at + 10), isBytes);
      if (escape === undefined) {
        yield undefined;
        return;
      }
      yield escape.piece;
      at += 1 + escape.length;
      continue;
    }
    const code = body.codePointAt(at) ?? 0;
    yield { code, isByte: false };
    at += code > 0xffff ? 2 : 1;
  }
}

export type QuotedReading = { readonly value: string | Uint8Array } | { readonly problem: string };

/** Reads a string or bytes literal, with prefix and quotes. */
export function readQuoted(text: string): QuotedReading {
  const quoteAt = text.search(/["']/);
  const prefix = text.slice(0, quoteAt).toLowerCase();
  const quote = text[quoteAt] ?? '';
  const isTriple = text.length >= quoteAt + 6 && text.startsWith(quote.repeat(3), quoteAt);
  const quoteLength = isTriple ? 3 : 1;
  const body = text
    .slice(quoteAt + quoteLength, text.length - quoteLength)
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n');
  const isBytes = prefix.includes('b');
  if (prefix.includes('r') || !body.includes('\\')) return { value: isBytes ? new TextEncoder().encode(body) : body };
  const parts: string[] = [];
  const bytes: number[] = [];
  for (const piece of pieces(body, isBytes)) {
    if (piece === undefined) return { problem: isBytes ? 'unable to unescape string' : 'invalid unicode code point' };
    const character = String.fromCodePoint(piece.code);
    if (!isBytes) parts.push(character);
    else if (piece.isByte) bytes.push(piece.code & 0xff);
    else bytes.push(...new TextEncoder().encode(character));
  }
  return { value: isBytes ? Uint8Array.from(bytes) : parts.join('') };
}
