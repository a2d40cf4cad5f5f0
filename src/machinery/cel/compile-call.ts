/** Calls of functions: the overload is chosen by the arguments' values, since what is dyn is known only then. */
import type { CallNode } from './ast.ts';
import { functionName, operators } from './ast.ts';
import type { CallCost } from './call-cost.ts';
import { callCostOf } from './call-cost.ts';
import type { Compiled, NodeCompiler, Scope } from './compiled.ts';
import { constantOf } from './compiled.ts';
import type { Overload } from './declarations.ts';
import { equals } from './equality.ts';
import type { Evaluation, Evaluator } from './evaluation.ts';
import { fail } from './failure.ts';
import { additionOf, comparerOf } from './list-semantics.ts';
import { compilePattern, containsMatch, findMatches, isPattern } from './regexes.ts';
import type { CelValue } from './values.ts';
import { CelObject, isInt, isList, sizeOf, typeNameOf } from './values.ts';

function accepts(overload: Overload, args: readonly CelValue[]): boolean {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    if (arg === undefined || overload.accepts[index]?.(arg) !== true) return false;
  }
  return true;
}

/** Operators do not say which; functions do. */
function noSuchOverload(name: string, args: readonly CelValue[]): never {
  if (!/^[a-z]/i.test(name)) return fail('no such overload');
  return fail(`no such overload: ${name}(${args.map(typeNameOf).join(', ')})`);
}

const conversions = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

export function compileCall(compiler: NodeCompiler, node: CallNode, scope: Scope | undefined): Compiled {
  const isMember = node.target !== undefined && node.isQualified !== true;
  const nodes = isMember && node.target !== undefined ? [node.target, ...node.args] : node.args;
  const compiled = nodes.map((arg) => compiler.compile(arg, scope));
  const special = compileTyped(compiler, node, compiled) ?? compileSpecial(node, compiled);
  if (special !== undefined) return special;
  const args = compiled.map(({ evaluate }) => evaluate);
  const overloads = node.overloads ?? [];
  const [only] = overloads;
  const cost = callCostOf(functionName(node), overloads.length === 1 ? only?.id : undefined);
  const call = (values: readonly CelValue[]): CelValue => {
    for (const overload of overloads) if (accepts(overload, values)) return overload.call(...values);
    return noSuchOverload(functionName(node), values);
  };
  const isPatternCall = patternFunctions.has(node.name);
  const [first] = compiled;
  if (compiled.length === 1 && first?.constant !== undefined && conversions.has(node.name)) {
    return constantOf(call([first.constant]));
  }
  if (only !== undefined && overloads.length === 1 && !isPatternCall) {
    const evaluate = callOne(only, args, () => functionName(node), cost);
    if (evaluate !== undefined) return { evaluate };
  }
  return {
    evaluate: (state) => {
      const values = args.map((arg) => arg(state));
      if (isPatternCall) countPattern(state, values[1]);
      const result = call(values);
      if (isList(result)) state.copied(result.length);
      state.charge(cost === undefined ? 1 : cost(values, result));
      return result;
    },
  };
}

/** Calls of the only overload that fits, with one or two arguments: most calls are such, and need no list of them. */
function callOne(
  overload: Overload,
  args: readonly Evaluator[],
  name: () => string,
  cost: CallCost | undefined,
): Evaluator | undefined {
  const [first, second] = args;
  const [acceptsFirst, acceptsSecond] = overload.accepts;
  const { call } = overload;
  if (first === undefined || acceptsFirst === undefined || args.length > 2) return undefined;
  if (second === undefined) {
    return (state) => {
      const a = first(state);
      const result = acceptsFirst(a) ? call(a) : noSuchOverload(name(), [a]);
      if (isList(result)) state.copied(result.length);
      state.charge(cost === undefined ? 1 : cost([a], result));
      return result;
    };
  }
  if (acceptsSecond === undefined) return undefined;
  return (state) => {
    const a = first(state);
    const b = second(state);
    const result = acceptsFirst(a) && acceptsSecond(b) ? call(a, b) : noSuchOverload(name(), [a, b]);
    if (isList(result)) state.copied(result.length);
    state.charge(cost === undefined ? 1 : cost([a, b], result));
    return result;
  };
}

const patternFunctions = new Set(['matches', 'find', 'findAll']);

/** To compile a pattern takes longer than its cost says. */
function countPattern(state: Evaluation, source: CelValue | undefined): void {
  if (typeof source === 'string') state.copied(source.length * 10);
}

/** What a comparison of lists or objects counts as: how much lies in them is not known before. */
const itemsPerComparison = 1000;

type Binary = (left: CelValue, right: CelValue) => CelValue;

function binary(
  left: Evaluator,
  right: Evaluator,
  operate: Binary,
  cost: (l: CelValue, r: CelValue) => number,
): Evaluator {
  return (state) => {
    const a = left(state);
    const b = right(state);
    if (typeof a === 'object' && typeof b === 'object') state.copied(itemsPerComparison);
    const result = operate(a, b);
    state.charge(cost(a, b));
    return result;
  };
}

/** A text of so many units costs as much to compare as one of one. */
const shortText = 10;

function comparisonCost(left: CelValue, right: CelValue): number {
  if (typeof left === 'string' && typeof right === 'string') {
    const length = Math.min(left.length, right.length);
    if (length <= shortText) return length === 0 ? 0 : 1;
  } else if (typeof left !== 'object' || left === null || left instanceof CelObject) return 1;
  return Math.ceil(Math.min(sizeOf(left), sizeOf(right)) / 10);
}

/** Lists that are sets or maps compare and add up in their own way, and so does what contains them. */
function compileTyped(compiler: NodeCompiler, node: CallNode, args: readonly Compiled[]): Compiled | undefined {
  const [left, right] = args;
  const type = node.args[0]?.type;
  if (left === undefined || right === undefined || type === undefined) return undefined;
  if (node.name === operators.add && type.kind === 'list' && type.semantics !== undefined) {
    const add = additionOf(type.semantics);
    const operate: Binary = (a, b) => (isList(a) && isList(b) ? add(a, b) : noSuchOverload(node.name, [a, b]));
    return { evaluate: binary(left.evaluate, right.evaluate, operate, () => 1) };
  }
  if (node.name !== operators.equals && node.name !== operators.notEquals) return undefined;
  const typed = comparerOf(type, compiler.types);
  if (typed === undefined) return undefined;
  const isEquals = node.name === operators.equals;
  return { evaluate: binary(left.evaluate, right.evaluate, (a, b) => typed(a, b) === isEquals, comparisonCost) };
}

const numberRelations: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  [operators.less]: (left, right) => left < right,
  [operators.lessEquals]: (left, right) => left <= right,
  [operators.greater]: (left, right) => left > right,
  [operators.greaterEquals]: (left, right) => left >= right,
};

/** What is worth a closure of its own, because most rules are made of it. */
function compileSpecial(node: CallNode, args: readonly Compiled[]): Compiled | undefined {
  const [left, right] = args;
  if (left === undefined || right === undefined || args.length !== 2) return undefined;
  if (node.name === operators.equals || node.name === operators.notEquals) {
    const isEquals = node.name === operators.equals;
    return { evaluate: binary(left.evaluate, right.evaluate, (a, b) => equals(a, b) === isEquals, comparisonCost) };
  }
  const relation = numberRelations[node.name];
  if (relation !== undefined) return { evaluate: numberRelation(node, left.evaluate, right.evaluate, relation) };
  if (node.name === operators.in) return compileIn(left, right);
  if (typeof right.constant === 'string') return compilePatternCall(node, left.evaluate, right.constant);
  return undefined;
}

function numberRelation(
  node: CallNode,
  left: Evaluator,
  right: Evaluator,
  holds: (left: number, right: number) => boolean,
): Evaluator {
  const overloads = node.overloads ?? [];
  const isText = overloads.length === 1 && /_(string|bytes)$/.test(overloads[0]?.id ?? '');
  return (state) => {
    const a = left(state);
    const b = right(state);
    if (typeof a === 'number' && typeof b === 'number') {
      state.charge(1);
      return holds(a, b);
    }
    const values = [a, b];
    const overload = overloads.find((one) => accepts(one, values));
    if (overload === undefined) return noSuchOverload(node.name, values);
    const result = overload.call(a, b);
    state.charge(isText ? comparisonCost(a, b) : 1);
    return result;
  };
}

function isScalar(value: CelValue): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && isInt(value));
}

/** `x in ['a', 'b']`: a set, when everything in it is of one simple type. Upstream does not charge for it. */
function compileIn(left: Compiled, right: Compiled): Compiled | undefined {
  const items = right.constant;
  if (items === undefined || !isList(items) || items.length === 0) return undefined;
  if (!items.every(isScalar) || new Set(items.map((item) => typeof item)).size !== 1) return undefined;
  const set: ReadonlySet<CelValue> = new Set(items);
  const { evaluate } = left;
  return {
    evaluate: (state) => {
      const value = evaluate(state);
      return set.has(value) || (typeof value === 'object' && items.some((item) => equals(item, value)));
    },
  };
}

/** A pattern that does not change is compiled once. */
function compilePatternCall(node: CallNode, text: Evaluator, source: string): Compiled | undefined {
  const overload = node.overloads?.length === 1 ? node.overloads[0] : undefined;
  const run = overload === undefined ? undefined : patternCalls[overload.id];
  const pattern = run === undefined ? undefined : compilePattern(source);
  if (overload === undefined || run === undefined || pattern === undefined || !isPattern(pattern)) return undefined;
  const cost = callCostOf(node.name, overload.id);
  return {
    evaluate: (state: Evaluation) => {
      const value = text(state);
      if (typeof value !== 'string') return noSuchOverload(node.name, [value, source]);
      const result = run(pattern, value);
      state.charge(cost?.([value, source], result) ?? 1);
      return result;
    },
  };
}

type PatternCall = (pattern: Parameters<typeof containsMatch>[0], text: string) => CelValue;

const patternCalls: Readonly<Record<string, PatternCall>> = {
  matches: containsMatch,
  matches_string: containsMatch,
  string_find_string: (pattern, text) => findMatches(pattern, text, 1)[0] ?? '',
  string_find_all_string: (pattern, text) => findMatches(pattern, text, -1),
};
