import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';

/** Lines that show how the fields of an object differ, for the end of an error's text: `-` before, `+` after. */
export function changedFields(old: object, object: object): string {
  const before = old as Readonly<Record<string, unknown>>;
  const after = object as Readonly<Record<string, unknown>>;
  let lines = '';
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (semanticDeepEqual(before[field], after[field])) continue;
    if (before[field] !== undefined) lines += `- \t${field}: ${JSON.stringify(before[field])},\n`;
    if (after[field] !== undefined) lines += `+ \t${field}: ${JSON.stringify(after[field])},\n`;
  }
  return lines;
}
