/** Kubernetes' functions on patterns. */
import type { Library } from '../declarations.ts';
import { int, member, string } from '../declarations.ts';
import { fail } from '../failure.ts';
import { compilePattern, findMatches, isPattern } from '../regexes.ts';
import { listType, stringType } from '../types.ts';

function matches(text: string, source: string, limit: number | bigint): string[] {
  const pattern = compilePattern(source);
  return isPattern(pattern) ? findMatches(pattern, text, Number(limit)) : fail(`Illegal regex: ${pattern.problem}`);
}

export const regexLibrary: Library = {
  find: [
    member('string_find_string', [string, string], stringType, (text, pattern) => matches(text, pattern, 1)[0] ?? ''),
  ],
  findAll: [
    member('string_find_all_string', [string, string], listType(stringType), (text, pattern) =>
      matches(text, pattern, -1),
    ),
    member('string_find_all_string_int', [string, string, int], listType(stringType), matches),
  ],
};
