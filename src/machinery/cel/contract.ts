/**
 * The Common Expression Language as Kubernetes v1.36 speaks it: what callers (validation rules of custom resources,
 * admission policies, authentication configuration, resource claims, match conditions) need.
 *
 * An expression is compiled once, against the types of its variables, and evaluated often. Neither step throws for
 * anything that an expression or an object can hold: mistakes are values, in cel-go's words.
 *
 * - `compile` (compile.ts) is the way in. Load it when the first expression comes: its tables take some 25 ms.
 * - `schemaTypes` (schema-types.ts) makes types and sizes from schemas, `mutationTypes` (mutation-types.ts) knows
 *   `Object{…}` and `JSONPatch{…}`, `authorizerValue` (library/authorizer.ts) is the variable `authorizer`.
 * - limits.ts has upstream's limits of costs, which callers keep for what they evaluate together.
 * - `fieldTypes` and `combinedTypes` (type-providers.ts) put providers of types together.
 * - values.ts says what values are in JavaScript; `toJSON` (to-json.ts) makes JSON of a result.
 *
 * Where it differs from upstream: in data without a schema, JSON's `1.0` is an int, because parsed JSON does not tell it
 * from `1`; and of several syntax errors, those after the first may be worded differently.
 */
import type { CelType } from './types.ts';
import type { CelValue } from './values.ts';

export { perCallCostLimit } from './limits.ts';

/** A field of an object type. */
export interface CelField {
  readonly type: CelType;
  /** The name of the property in the JavaScript object, when it is not the field's. A property that is null is absent. */
  readonly property?: string;
}

/** Knows object types: made from a structural schema, or from the table of built-in types. */
export interface CelTypeProvider {
  hasType(typeName: string): boolean;
  field(typeName: string, fieldName: string): CelField | undefined;
  /** All fields of a type. Without this, lists within objects compare by the order of their items. */
  fieldNames?(typeName: string): Iterable<string>;
  /**
   * Makes an object from `Type{field: value}`. The fields have been checked against `field`. Without this, an
   * expression cannot create objects. May throw a CelFailure.
   */
  create?(typeName: string, fields: ReadonlyMap<string, CelValue>): CelValue;
}

/** How many characters, bytes, items or entries there may be. */
export interface SizeEstimate {
  readonly min: number;
  /** `unboundedSize` when nothing is known. */
  readonly max: number;
}

/** Stands for upstream's largest unsigned 64-bit number: sums and products stop here. */
export const unboundedSize = 2 ** 64;

/**
 * How large what lies at a path can be, by `maxLength`, `maxItems` and `maxProperties`. The path begins with a variable;
 * what follows is a field's name, `@items`, `@keys` or `@values`. Undefined when nothing is known.
 */
export type SizeEstimator = (path: readonly string[], type: CelType) => SizeEstimate | undefined;

/** The least and the most that an evaluation can cost. */
export interface CostEstimate {
  readonly min: number;
  readonly max: number;
}

export interface CompileOptions {
  /** Types of the variables, by name. */
  readonly variables: Readonly<Record<string, CelType>>;
  readonly types?: CelTypeProvider;
  /** What the expression may evaluate to; anything when absent. `dyn` results are always allowed. */
  readonly resultTypes?: readonly CelType[];
  /** For the estimate of the cost. */
  readonly estimateSize?: SizeEstimator;
  /** Where names are looked up first, such as `google.protobuf`. Kubernetes has none. */
  readonly container?: string;
  /** The macro `cel.bind(name, value, expression)` is there. Kubernetes has it in selectors of devices only. */
  readonly hasBind?: boolean;
  /** Lists and maps may mix types. Kubernetes does not allow it. */
  readonly allowMixedLiterals?: boolean;
}

/** What is wrong with an expression. */
export interface CelCompileError {
  /**
   * `result`: the expression is right but does not evaluate to one of the result types. `program`: a part that never
   * changes cannot be evaluated.
   */
  readonly kind: 'syntax' | 'type' | 'result' | 'program';
  /** Of syntax and types: cel-go's display of all issues, one after the other, with source line and caret. */
  readonly message: string;
}

export type CompileResult =
  | { readonly ok: true; readonly program: CelProgram }
  | { readonly ok: false; readonly error: CelCompileError };

/** Values of the variables, by name. Parsed JSON is taken as it is; see values.ts for everything else. */
export type CelBindings = Readonly<Record<string, unknown>>;

export interface EvaluateOptions {
  /** Default, and the most there can be: `perCallCostLimit` (limits.ts). */
  readonly costLimit?: number;
  /** Asked once in a while within loops; true ends the evaluation. For deadlines. */
  readonly isInterrupted?: () => boolean;
}

export type EvaluateResult =
  | { readonly ok: true; readonly value: CelValue; readonly cost: number }
  | {
      readonly ok: false;
      /** Upstream's text: `no such key: x`, `operation cancelled: actual cost limit exceeded`. */
      readonly message: string;
      readonly isCostLimitExceeded: boolean;
      readonly cost: number;
    };

/** A compiled expression. Immutable; may be evaluated any number of times. */
export interface CelProgram {
  readonly expression: string;
  readonly resultType: CelType;
  readonly estimatedCost: CostEstimate;
  /** Names of the variables that the expression refers to. */
  readonly referencedVariables: readonly string[];
  /** Throws a TypeError when an authorizer answers with a promise. */
  evaluate(bindings: CelBindings, options?: EvaluateOptions): EvaluateResult;
  /** The same for authorizers that take their time: begins again with each answer. */
  evaluateAsync(bindings: CelBindings, options?: EvaluateOptions): Promise<EvaluateResult>;
}
