import { leaf, nodeOf, sorted, type FieldSet } from './field-set.ts';
import { isMap } from './json.ts';
import { canonicalElement, FieldsError, selfElement } from './path-element.ts';

/**
 * The set that a client's FieldsV1 stands for: elements in canonical form and order, what is not known left out. The
 * value itself when it is canonical already. Throws a FieldsError.
 */
export function fieldsOf(value: unknown): FieldSet {
  if (value === undefined || value === null) return leaf;
  if (!isMap(value)) throw new FieldsError('expected an object');
  return readNode(value, false) ?? leaf;
}

function readNode(value: Record<string, unknown>, hasSelf: boolean): FieldSet | undefined {
  const out: Record<string, FieldSet> = {};
  let member = false;
  let same = true;
  let count = 0;
  for (const key in value) {
    count++;
    if (key === selfElement) {
      member = hasSelf;
      same &&= hasSelf && count === 1 && isMap(value[key]);
      continue;
    }
    const element = canonicalElement(key);
    if (element === undefined) {
      same = false;
      continue;
    }
    const child = value[key];
    if (child !== null && !isMap(child)) throw new FieldsError(`expected an object at ${key}`);
    const node = child === null ? leaf : readNode(child, true);
    if (element !== key || node !== child) same = false;
    if (node !== undefined) out[element] = node;
  }
  if (count === 0) return value as unknown as FieldSet;
  const children = sorted(out);
  if (children !== out) same = false;
  if (same) return value as unknown as FieldSet;
  // A node that is left with nothing below it is a member, as one that came without anything.
  return nodeOf(member, children) ?? (hasSelf ? leaf : undefined);
}
