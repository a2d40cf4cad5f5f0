/** Which fields a value has, as a set: what an applier says it wants, and what came or went with a whole value. */
import { leaf, nodeOf, sorted, type FieldSet } from './field-set.ts';
import { isEmptyContainer, isMap, setOwn, type JsonMap } from './json.ts';
import { elementOf } from './list-items.ts';
import { fieldElement } from './path-element.ts';
import { deduced, type ListNode, type StructNode, type TypeNode } from './type-node.ts';

type Children = Record<string, FieldSet>;

/**
 * The fields that an applied value claims (upstream's ToFieldSet): its leaves, the items of its lists and the entries of
 * its maps, but not the structs and lists that hold them.
 */
export function claimedFields(node: TypeNode, value: unknown): FieldSet {
  return (value === undefined ? undefined : claimed(node, value)) ?? leaf;
}

/** As a node of a set; undefined when nothing is claimed. */
function claimed(node: TypeNode, value: unknown): FieldSet | undefined {
  if (node.atomic) return leaf;
  switch (node.kind) {
    case 'struct':
      return isMap(value) ? claimedStruct(node, value) : undefined;
    case 'map':
      return isMap(value) ? claimedMap(node.of, value) : undefined;
    case 'list':
      return Array.isArray(value) ? claimedList(node, value) : undefined;
    case 'deduced':
      return isMap(value) ? claimedMap(deduced, value) : leaf;
    default:
      return leaf;
  }
}

function claimedStruct(node: StructNode, value: JsonMap): FieldSet | undefined {
  const out = node.gather(value, claimedField, false);
  const entries = node.of === undefined ? undefined : claimedMap(node.of, undeclaredFields(node, value));
  return entries === undefined ? out : sorted({ ...out, ...entries });
}

/** What holds nothing is claimed itself; an empty list claims nothing. */
function claimedField(type: TypeNode, value: unknown): FieldSet | undefined {
  return value === null || (isMap(value) && isEmptyContainer(value)) ? leaf : claimed(type, value);
}

function undeclaredFields(node: StructNode, value: JsonMap): JsonMap {
  const rest: JsonMap = {};
  for (const name of Object.keys(value)) if (node.field(name) === undefined) setOwn(rest, name, value[name]);
  return rest;
}

function claimedMap(of: TypeNode, value: JsonMap): FieldSet | undefined {
  const out: Children = {};
  const keys = Object.keys(value);
  for (const key of keys.sort()) {
    const entry = value[key];
    if (entry !== undefined) out[fieldElement(key)] = nodeOf(true, claimed(of, entry)) ?? leaf;
  }
  return keys.length === 0 ? undefined : out;
}

function claimedList(node: ListNode, items: readonly unknown[]): FieldSet | undefined {
  if (items.length === 0) return undefined;
  const out: Children = {};
  for (const item of items) {
    const element = elementOf(node, item);
    // Of items of one name, only the name is claimed.
    out[element] = (out[element] === undefined ? nodeOf(true, claimed(node.of, item)) : undefined) ?? leaf;
  }
  return sorted(out);
}

/**
 * The fields that come or go with a value as a whole, as a node of a set: its leaves and everything that holds them, the
 * value itself included.
 */
export function wholeFields(node: TypeNode, value: unknown): FieldSet {
  if (node.atomic || typeof value !== 'object' || value === null) return leaf;
  if (Array.isArray(value)) return node.kind === 'list' && value.length > 0 ? wholeList(node, value) : leaf;
  switch (node.kind) {
    case 'struct':
      return wholeStruct(node, value as JsonMap);
    case 'map':
      return wholeMap(node.of, value as JsonMap);
    case 'deduced':
      return isMap(value) ? wholeMap(deduced, value) : leaf;
    default:
      return leaf;
  }
}

function wholeStruct(node: StructNode, value: JsonMap): FieldSet {
  if (isEmptyContainer(value)) return leaf;
  const out = node.gather(value, wholeFields, true) ?? leaf;
  return node.of === undefined ? out : sorted({ ...wholeMap(node.of, undeclaredFields(node, value)), ...out });
}

function wholeMap(of: TypeNode, value: JsonMap): FieldSet {
  const keys = Object.keys(value);
  if (keys.length === 0) return leaf;
  const out: Children = { '.': leaf };
  for (const key of keys.sort()) {
    const entry = value[key];
    if (entry !== undefined) out[fieldElement(key)] = wholeFields(of, entry);
  }
  return out;
}

function wholeList(node: ListNode, items: readonly unknown[]): FieldSet {
  return addItems({ '.': leaf }, node, items);
}

/** The fields that come or go with items, as a set: the list itself is not of it. */
export function wholeItems(node: ListNode, items: readonly unknown[]): FieldSet {
  return addItems({}, node, items);
}

/** Adds to an object that was just made: one written down with its names would take longer. */
function addItems(out: Children, node: ListNode, items: readonly unknown[]): FieldSet {
  for (const item of items) {
    const element = elementOf(node, item);
    // Of items of one name, only the name is owned.
    out[element] = out[element] === undefined ? wholeFields(node.of, item) : leaf;
  }
  return items.length === 1 ? out : sorted(out);
}
