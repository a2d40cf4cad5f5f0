/** The tree of an expression, after macros were expanded. */
import type { CelType } from './types.ts';
import type { CelValue } from './values.ts';
import type { Overload } from './declarations.ts';

interface NodeBase {
  /** Unique within a tree. */
  readonly id: number;
  /** Where it stands in the source: the index of a Unicode character. */
  readonly position: number;
  /** How many nodes lie on the longest way down, this one included. */
  readonly depth: number;
  /** Set by the checker. */
  type?: CelType;
}

export interface LiteralNode extends NodeBase {
  readonly kind: 'literal';
  readonly value: CelValue;
}

export interface IdentNode extends NodeBase {
  readonly kind: 'ident';
  /** Begins with a point when the name is not to be looked up in the container. */
  readonly name: string;
  /** Set by the checker: the full name that the name stands for. */
  resolved?: string;
}

export interface SelectNode extends NodeBase {
  readonly kind: 'select';
  readonly operand: Node;
  readonly field: string;
  /** `has(a.b)` */
  readonly isTest: boolean;
  /** Set by the checker when `a.b` is the name of a variable or a type. */
  resolved?: string;
}

export interface CallNode extends NodeBase {
  readonly kind: 'call';
  readonly name: string;
  readonly target?: Node;
  readonly args: readonly Node[];
  /** Set by the checker: those that fit. */
  overloads?: readonly Overload[];
  /** Set by the checker when target and name together are the name of a function. */
  isQualified?: boolean;
}

export interface ListNode extends NodeBase {
  readonly kind: 'list';
  readonly elements: readonly Node[];
  /** Indices of elements written with `?`. */
  readonly optionals: ReadonlySet<number>;
}

export interface MapEntry {
  readonly id: number;
  readonly position: number;
  readonly key: Node;
  readonly value: Node;
  readonly isOptional: boolean;
}

export interface MapNode extends NodeBase {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

export interface StructField {
  readonly id: number;
  readonly position: number;
  readonly name: string;
  readonly value: Node;
  readonly isOptional: boolean;
}

export interface StructNode extends NodeBase {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly StructField[];
  /** Set by the checker: the full name of the type. */
  resolved?: string;
}

/** A loop over a list or the keys of a map, which macros are made of. */
export interface ComprehensionNode extends NodeBase {
  readonly kind: 'comprehension';
  readonly iterVar: string;
  readonly iterVar2?: string;
  readonly range: Node;
  readonly accuVar: string;
  readonly accuInit: Node;
  readonly condition: Node;
  readonly step: Node;
  readonly result: Node;
  /** The call that this was made from, for printing. */
  readonly macro: CallNode;
}

export type Node =
  | LiteralNode
  | IdentNode
  | SelectNode
  | CallNode
  | ListNode
  | MapNode
  | StructNode
  | ComprehensionNode;

/** The variable that macros collect their result in. No identifier that is written can begin like this. */
export const accumulator = '@result';

export const operators = {
  conditional: '_?_:_',
  and: '_&&_',
  or: '_||_',
  not: '!_',
  negate: '-_',
  equals: '_==_',
  notEquals: '_!=_',
  less: '_<_',
  lessEquals: '_<=_',
  greater: '_>_',
  greaterEquals: '_>=_',
  add: '_+_',
  subtract: '_-_',
  multiply: '_*_',
  divide: '_/_',
  modulo: '_%_',
  index: '_[_]',
  in: '@in',
  optSelect: '_?._',
  optIndex: '_[?_]',
  notStrictlyFalse: '@not_strictly_false',
} as const;

/** The name that `a.b.c` spells; undefined for anything else. */
export function qualifiedName(node: Node): string | undefined {
  if (node.kind === 'ident') return node.name;
  if (node.kind !== 'select' || node.isTest) return undefined;
  const operand = qualifiedName(node.operand);
  return operand === undefined ? undefined : `${operand}.${node.field}`;
}

/** The full name of the function that a call is of. */
export function functionName(node: CallNode): string {
  if (node.isQualified !== true || node.target === undefined) return node.name;
  return `${qualifiedName(node.target) ?? ''}.${node.name}`;
}
