import { below, hasElement, type FieldSet } from './field-set.ts';
import { isEmptyContainer, isMap, setOwn, type JsonMap } from './json.ts';
import { elementOf } from './list-items.ts';
import { fieldElement } from './path-element.ts';
import { typeOfField, type ListNode, type TypeNode } from './type-node.ts';

/** A value without the fields, items and entries of a set, each with all that is below it. */
export function removeItems(node: TypeNode, value: JsonMap, items: FieldSet): JsonMap {
  return (remove(node, value, items) ?? {}) as JsonMap;
}

function remove(node: TypeNode, value: unknown, items: FieldSet): unknown {
  if (node.kind === 'scalar') return value;
  if (isEmptyContainer(value) || node.atomic) return null;
  if (node.kind === 'list') return Array.isArray(value) ? removeFromList(node, value, items) : null;
  if (!isMap(value)) return node.kind === 'deduced' ? value : null;
  const out: JsonMap = {};
  for (const name of Object.keys(value)) {
    const element = fieldElement(name);
    if (hasElement(items, element)) continue;
    const inner = below(items, element);
    setOwn(out, name, inner === undefined ? value[name] : remove(typeOf(node, name), value[name], inner));
  }
  return isEmptyContainer(out) ? null : out;
}

function typeOf(node: Exclude<TypeNode, ListNode | { kind: 'scalar' }>, name: string): TypeNode {
  return node.kind === 'map' ? node.of : typeOfField(node, name);
}

function removeFromList(node: ListNode, list: readonly unknown[], items: FieldSet): unknown {
  const out: unknown[] = [];
  for (const item of list) {
    const element = elementOf(node, item);
    if (hasElement(items, element)) continue;
    const inner = below(items, element);
    out.push(inner === undefined ? item : remove(node.of, item, inner));
  }
  return out.length === 0 ? null : out;
}

/** Of a value the fields, items and entries of a set alone, in what holds them: the reverse of `removeItems`. */
export function extractItems(node: TypeNode, value: JsonMap, items: FieldSet): JsonMap {
  return (extract(node, value, items) ?? {}) as JsonMap;
}

function extract(node: TypeNode, value: unknown, items: FieldSet): unknown {
  if (node.atomic) return value;
  if (isEmptyContainer(value)) return null;
  if (node.kind === 'list') return Array.isArray(value) ? extractFromList(node, value, items) : null;
  if (!isMap(value)) return value;
  const out: JsonMap = {};
  for (const name of Object.keys(value)) {
    const element = fieldElement(name);
    const inner = below(items, element);
    if (inner !== undefined) setOwn(out, name, extract(typeOf(node, name), value[name], inner));
    else if (hasElement(items, element)) setOwn(out, name, value[name]);
  }
  return isEmptyContainer(out) ? null : out;
}

function extractFromList(node: ListNode, list: readonly unknown[], items: FieldSet): unknown {
  const out: unknown[] = [];
  for (const item of list) {
    const element = elementOf(node, item);
    const inner = below(items, element);
    if (inner !== undefined) out.push(extract(node.of, item, inner));
    else if (hasElement(items, element)) out.push(item);
  }
  return out.length === 0 ? null : out;
}
