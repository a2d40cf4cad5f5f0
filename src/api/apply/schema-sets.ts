/** Sets seen through the type of the object whose fields they are. */
import { below, isEmpty, leaf, nodeOf, type FieldSet } from './field-set.ts';
import { selfElement, type PathElement } from './path-element.ts';
import { deduced, typeOfField, type TypeNode } from './type-node.ts';

/**
 * The set with the structs, lists and maps that have a field name of their own as members, where the set has something
 * below them (upstream's EnsureNamedFieldsAreMembers). Entries of maps and items of lists are left as they are.
 */
export function withNamedFields(node: TypeNode, set: FieldSet): FieldSet {
  const out: Record<PathElement, FieldSet> = {};
  for (const element in set) {
    if (element === selfElement) continue;
    const child = set[element] ?? leaf;
    const inner = below(set, element);
    if (inner === undefined) {
      out[element] = child;
      continue;
    }
    const named = node.kind === 'struct' && node.field(element.slice(2)) !== undefined;
    const member = named || child[selfElement] !== undefined;
    out[element] = nodeOf(member, withNamedFields(typeBelow(node, element), inner)) ?? leaf;
  }
  return out;
}

/**
 * The set as it is once the type says that a value is owned as a whole which was owned by its parts before: who owned a
 * part owns the whole (upstream's ReconcileFieldSetWithSchema). The set itself where nothing is so.
 */
export function reconciled(node: TypeNode, set: FieldSet): FieldSet {
  let out: Record<PathElement, FieldSet> | undefined;
  for (const element in set) {
    if (element === selfElement) continue;
    const child = set[element] ?? leaf;
    if (isEmpty(child)) continue;
    const type = typeBelow(node, element);
    const now = type.atomic ? leaf : reconciled(type, child);
    if (now !== child) (out ??= { ...set })[element] = now;
  }
  return out ?? set;
}

/** The type of what an element leads to. */
function typeBelow(node: TypeNode, element: PathElement): TypeNode {
  switch (node.kind) {
    case 'map':
    case 'list':
      return node.of;
    case 'struct':
    case 'deduced':
      return typeOfField(node, element.slice(2));
    default:
      return deduced;
  }
}
