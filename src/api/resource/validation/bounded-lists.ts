/** Lists and maps with a greatest size: beyond it, nothing that they hold is looked at. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { listOf, type Maybe } from '../../field-rules.ts';

export type CheckItem<T> = (errors: FieldError[], path: Path, item: T) => void;

/** Whether the list is small enough to be looked at. */
function checkSize(errors: FieldError[], path: Path, size: number, max: number): boolean {
  if (size <= max) return true;
  errors.push(path.tooMany(size, max));
  return false;
}

export function checkList<T>(
  errors: FieldError[],
  path: Path,
  list: Maybe<T>,
  max: number,
  checkItem: CheckItem<T>,
): void {
  const items = listOf(list);
  if (!checkSize(errors, path, items.length, max)) return;
  for (const [index, item] of items.entries()) checkItem(errors, path.index(index), item);
}

/** A list in which no key comes twice. */
export function checkSet<T>(
  errors: FieldError[],
  path: Path,
  list: Maybe<T>,
  max: number,
  checkItem: CheckItem<T>,
  keyOf: (item: T) => string,
): void {
  const items = listOf(list);
  if (!checkSize(errors, path, items.length, max)) return;
  for (const [index, item] of items.entries()) checkItem(errors, path.index(index), item);
  if (items.length < 2) return;
  const keys = new Set<string>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    if (keys.has(key)) errors.push(path.index(index).duplicate(key));
    else keys.add(key);
  }
}

/** A path shows the two ends of a key that is longer than any valid one. */
function shownKey(key: string, maxLength: number): string {
  const max = Math.max(maxLength, 16);
  if (key.length <= max) return key;
  const remaining = max - '...'.length;
  return `${key.slice(0, Math.floor((remaining + 1) / 2))}...${key.slice(key.length - Math.floor(remaining / 2))}`;
}

export interface MapRules<T> {
  readonly maxEntries: number;
  readonly maxKeyLength: number;
  /** Given the path of the whole map. */
  readonly checkKey: CheckItem<string>;
  readonly checkValue?: CheckItem<T>;
}

export function checkMap<T>(
  errors: FieldError[],
  path: Path,
  map: Readonly<Record<string, T>> | null | undefined,
  { maxEntries, maxKeyLength, checkKey, checkValue }: MapRules<T>,
): void {
  const entries = Object.entries(map ?? {});
  if (!checkSize(errors, path, entries.length, maxEntries)) return;
  for (const [key, value] of entries) {
    checkKey(errors, path, key);
    checkValue?.(errors, path.key(shownKey(key, maxKeyLength)), value);
  }
}
