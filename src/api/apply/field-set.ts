/**
 * Sets of fields, as managed fields keep them: tries of path elements. A set is the parsed JSON of FieldsV1 itself, so
 * nothing is converted between what is stored and what is computed with.
 *
 * A node without children is a member; one with children is a member only if it has `.`. Elements stand in upstream's
 * order (`.` first). Sets are shared and never changed.
 */
import { compareElements, printPath, selfElement, type PathElement } from './path-element.ts';

export interface FieldSet {
  readonly [element: PathElement]: FieldSet;
}

/** The set without members; as a node within a set, a member without children. */
export const emptySet: FieldSet = Object.freeze({});
export const leaf: FieldSet = emptySet;

type Mutable = Record<PathElement, FieldSet>;

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

function isMember(node: FieldSet): boolean {
  return node[selfElement] !== undefined || isEmpty(node);
}

/** A node of its parts; undefined when it would have no member. */
export function nodeOf(member: boolean, children: FieldSet | undefined): FieldSet | undefined {
  if (children === undefined || isEmpty(children)) return member ? leaf : undefined;
  return member ? { [selfElement]: leaf, ...children } : children;
}

/** The part of a set below an element, as a set; undefined when there is none. */
export function below(set: FieldSet, element: PathElement): FieldSet | undefined {
  const node = set[element];
  if (node === undefined || isEmpty(node)) return undefined;
  if (node[selfElement] === undefined) return node;
  const { [selfElement]: _, ...children } = node;
  return children;
}

export function hasElement(set: FieldSet, element: PathElement): boolean {
  const node = set[element];
  return node !== undefined && isMember(node);
}

export function hasPath(set: FieldSet, path: readonly PathElement[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node[element];
    if (node === undefined) return false;
  }
  return path.length > 0 && isMember(node);
}

export function setOfPaths(paths: Iterable<readonly PathElement[]>): FieldSet {
  let set: FieldSet = emptySet;
  for (const path of paths) {
    let node = leaf;
    for (const element of path.toReversed()) node = { [element]: node };
    set = union(set, path.length === 0 ? emptySet : node);
  }
  return set;
}

/** Members of both sets or of either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  return unionOf(a, false, b, false);
}

function unionOf(a: FieldSet, aMember: boolean, b: FieldSet, bMember: boolean): FieldSet {
  if (a === b) return a;
  const out: Mutable = {};
  let grown = bMember && !aMember;
  let unsorted = false;
  for (const element in a) {
    if (element === selfElement) continue;
    const mine = a[element] ?? leaf;
    const other = b[element];
    const node = other === undefined ? mine : unionOf(mine, isMember(mine), other, isMember(other));
    if (node !== mine) grown = true;
    out[element] = node;
  }
  for (const element in b) {
    if (element === selfElement || out[element] !== undefined) continue;
    out[element] = b[element] ?? leaf;
    grown = unsorted = true;
  }
  if (!grown) return a;
  return nodeOf(aMember || bMember, unsorted ? sorted(out) : out) ?? emptySet;
}

/** A set with its elements in their order. */
export function sorted(set: FieldSet): FieldSet {
  const elements = Object.keys(set);
  if (elements.length < 2 || isSorted(elements)) return set;
  const out: Mutable = {};
  for (const element of elements.sort(compareElements)) out[element] = set[element] ?? leaf;
  return out;
}

function isSorted(elements: readonly PathElement[]): boolean {
  for (let i = 1; i < elements.length; i++) {
    if (compareElements(elements[i - 1] ?? '', elements[i] ?? '') > 0) return false;
  }
  return true;
}

/** Members of `a` that are not members of `b`; what is above or below a member does not matter. `a` when that is all. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return differenceOf(a, false, b, false, false) ?? emptySet;
}

/** As `difference`, but a member of `b` takes away what is below it, too. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return differenceOf(a, false, b, false, true) ?? emptySet;
}

function differenceOf(
  a: FieldSet,
  aMember: boolean,
  b: FieldSet,
  bMember: boolean,
  recursive: boolean,
): FieldSet | undefined {
  if (recursive && bMember) return undefined;
  const member = aMember && !bMember;
  let shrunk = member !== aMember;
  const out: Mutable = {};
  for (const element in a) {
    if (element === selfElement) continue;
    const mine = a[element] ?? leaf;
    const other = b[element];
    const node = other === undefined ? mine : differenceOf(mine, isMember(mine), other, isMember(other), recursive);
    if (node !== mine) shrunk = true;
    if (node !== undefined) out[element] = node;
  }
  return shrunk ? nodeOf(member, out) : a;
}

/** Members of both sets. `a` when that is all of it. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return intersectionOf(a, false, b, false) ?? emptySet;
}

function intersectionOf(a: FieldSet, aMember: boolean, b: FieldSet, bMember: boolean): FieldSet | undefined {
  if (a === b && aMember === bMember) return a;
  const member = aMember && bMember;
  let shrunk = member !== aMember;
  const out: Mutable = {};
  for (const element in a) {
    if (element === selfElement) continue;
    const mine = a[element] ?? leaf;
    const other = b[element];
    const node = other === undefined ? undefined : intersectionOf(mine, isMember(mine), other, isMember(other));
    if (node !== mine) shrunk = true;
    if (node !== undefined) out[element] = node;
  }
  return shrunk ? nodeOf(member, out) : a;
}

/** Whether all members of `a` are members of `b`. */
export function isSubset(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  for (const element in a) {
    if (element === selfElement) continue;
    const mine = a[element] ?? leaf;
    const other = b[element];
    if (other === undefined) return false;
    if (mine !== other && ((isMember(mine) && !isMember(other)) || !isSubset(mine, other))) return false;
  }
  return true;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  return isSubset(a, b) && isSubset(b, a);
}

/** Members that have no members below them. */
export function leaves(set: FieldSet): FieldSet {
  const out: Mutable = {};
  for (const element in set) {
    if (element === selfElement) continue;
    const node = set[element] ?? leaf;
    out[element] = isEmpty(node) ? node : leaves(node);
  }
  return out;
}

/** Calls back with each member: those of a level before those of the next. The path is used again; copy it to keep it. */
export function eachPath(set: FieldSet, visit: (path: readonly PathElement[]) => void, path: PathElement[] = []): void {
  for (const element in set) {
    if (element === selfElement || !isMember(set[element] ?? leaf)) continue;
    path.push(element);
    visit(path);
    path.pop();
  }
  for (const element in set) {
    const node = set[element];
    if (element === selfElement || node === undefined || isEmpty(node)) continue;
    path.push(element);
    eachPath(node, visit, path);
    path.pop();
  }
}

export function pathsOf(set: FieldSet): Array<readonly PathElement[]> {
  const paths: Array<readonly PathElement[]> = [];
  eachPath(set, (path) => void paths.push([...path]));
  return paths;
}

/** The members as upstream's messages show them, one each. */
export function printedPaths(set: FieldSet): string[] {
  return pathsOf(set).map(printPath);
}
