/** What a node compiles to, and what compiling one needs to know. */
import type { Node } from './ast.ts';
import type { CelTypeProvider } from './contract.ts';
import type { Evaluator } from './evaluation.ts';
import type { CelValue } from './values.ts';

/** Where the value of a name is. */
export interface Slot {
  readonly index: number;
  /** Makes the value when it is read for the first time. */
  readonly make?: Evaluator;
}

/** Names to slots, innermost first. */
export interface Scope {
  readonly slots: ReadonlyMap<string, Slot>;
  readonly outer: Scope | undefined;
}

/** A closure, and its value when that is the same for every evaluation. */
export interface Compiled {
  readonly evaluate: Evaluator;
  readonly constant?: CelValue;
  /** A variable or something selected from one; upstream counts these in another way when they are operands. */
  readonly isAttribute?: boolean;
}

export function constantOf(value: CelValue): Compiled {
  return { evaluate: () => value, constant: value };
}

export interface NodeCompiler {
  readonly types: CelTypeProvider | undefined;
  compile(node: Node, scope: Scope | undefined): Compiled;
  evaluator(node: Node, scope: Scope | undefined): Evaluator;
  newSlot(): number;
}
