import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { keepLongIntegers } from './exact-json.ts';
import { findDuplicates, findProblems } from './json-duplicates.ts';
import { countKeys, scanJson } from './json-scan.ts';
import { explainSyntax } from './json-syntax.ts';

export { JsonSyntaxError } from './json-syntax.ts';

export interface ParseLimits {
  /** How deep lists and objects may nest. */
  readonly depth: number;
}

export interface ParsedText {
  readonly value: unknown;
  /** `duplicate field "spec.foo"` for each name that came twice in one object; the last value is the one kept. */
  duplicates(): string[];
  /** The same with the unknown fields at these paths, in the order of the text. Absent where that is not known. */
  problems?(unknown: readonly string[]): string[];
}

/** A text that nests deeper than the limit. The words are Go's. */
export class DepthError extends Error {
  override name = 'DepthError';
}

/**
 * Parses JSON strictly. As in Go, bytes that are not UTF-8 and halves of surrogate pairs become U+FFFD. Integers that a
 * double cannot hold become `ExactInteger`; a name such as `__proto__` is an own property like any other.
 * Throws a JsonSyntaxError with Go's words, or a {@link DepthError}.
 */
export function parseJson(bytes: Uint8Array, limits: ParseLimits): ParsedText {
  const scan = scanJson(bytes);
  if (scan.depth > limits.depth) throw new DepthError('exceeded max depth');
  let text = decodeUtf8(bytes);
  if (scan.surrogates) text = replaceLoneSurrogates(text);
  let value: unknown;
  try {
    value = scan.longNumbers ? JSON.parse(text, keepLongIntegers) : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw explainSyntax(Buffer.from(bytes).toString('latin1'));
    throw error;
  }
  // Counted now: the value may be changed by the time somebody asks.
  const complete = scan.keys === countKeys(value);
  return {
    value,
    duplicates: () => (complete ? [] : findDuplicates(text)),
    problems: (unknown) => (complete && unknown.length === 0 ? [] : findProblems(text, unknown)),
  };
}

/** UTF-8 as Go reads it: each byte that is not part of a character becomes one U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(bytes)) return buffer.toString('latin1');
  if (isUtf8(bytes)) return buffer.toString('utf8');
  let text = '';
  for (let at = 0; at < buffer.length;) {
    const length = sequenceLength(buffer[at] ?? 0);
    const sequence = buffer.subarray(at, at + length);
    if (sequence.length === length && isUtf8(sequence)) {
      text += sequence.toString('utf8');
      at += length;
    } else {
      text += '\ufffd';
      at++;
    }
  }
  return text;
}

function sequenceLength(lead: number): number {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Each escape is looked at once: a pair stays as it is, a half becomes U+FFFD. */
function replaceLoneSurrogates(text: string): string {
  return text.replace(
    /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\./gs,
    (escape) => (escape.length === 6 ? String.raw`\ufffd` : escape),
  );
}
