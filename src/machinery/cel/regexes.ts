/** Patterns that users write: RE2's syntax, matched in time that is linear in the text. */
import { RE2JS } from 're2js';
import { BoundedCache } from '../bounded.ts';

/** Patterns that are computed are few; those written in an expression are kept by its program. */
const patterns = new BoundedCache<string, RE2JS>({ maxEntries: 1000 });

/** Go's word for what RE2JS calls by another. */
function goMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith('error parsing regexp') ? message : `error parsing regexp: ${message}`;
}

/** Undefined when the text is no pattern. */
export function compilePattern(text: string): RE2JS | { readonly problem: string } {
  const known = patterns.get(text);
  if (known !== undefined) return known;
  try {
    const pattern = RE2JS.compile(text);
    patterns.set(text, pattern);
    return pattern;
  } catch (error) {
    return { problem: goMessage(error) };
  }
}

export function isPattern(compiled: ReturnType<typeof compilePattern>): compiled is RE2JS {
  return !('problem' in compiled);
}

export function containsMatch(pattern: RE2JS, text: string): boolean {
  return pattern.matcher(text).find();
}

/** Matches from the first on, at most so many (negative: all). Empty ones count, but not right after another match. */
export function findMatches(pattern: RE2JS, text: string, limit: number): string[] {
  const found: string[] = [];
  const matcher = pattern.matcher(text);
  let end = -1;
  const most = limit < 0 ? Infinity : limit;
  while (found.length < most && matcher.find()) {
    const isEmpty = matcher.start() === matcher.end();
    if (!isEmpty || matcher.start() !== end) found.push(matcher.group() ?? '');
    end = matcher.end();
  }
  return found;
}
