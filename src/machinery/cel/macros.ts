/** Calls that are not calls: `has`, `all`, `exists`, `map`, `optMap` and the like are written out as other nodes. */
import type { CallNode, Node } from './ast.ts';
import { accumulator, operators } from './ast.ts';
import type { TreeBuilder } from './builder.ts';
import type { Issue } from './issues.ts';

/** Makes the node that a call stands for, or says what is wrong with it; undefined when it is an ordinary call. */
type Expander = (build: TreeBuilder, call: CallNode) => Node | Issue | undefined;

function issue(node: Node, message: string): Issue {
  return { position: node.position, message };
}

export function isIssue(result: Node | Issue): result is Issue {
  return !('kind' in result);
}

const has: Expander = (build, call) => {
  const [arg] = call.args;
  if (arg === undefined) return undefined;
  if (arg.kind !== 'select' || arg.isTest) return issue(arg, 'invalid argument to has() macro');
  return build.select(call.position, arg.operand, arg.field, true);
};

interface Parts {
  readonly range: Node;
  readonly names: readonly string[];
  readonly rest: readonly Node[];
}

/** Names that nobody may call an iteration variable. */
const accumulatorNames = new Set([accumulator, '__result__']);

/** The range, the names of the variables and what comes after them. */
function takeApart(call: CallNode, variableCount: 1 | 2): Parts | Issue | undefined {
  const range = call.target;
  if (range === undefined) return undefined;
  const names: string[] = [];
  for (const arg of call.args.slice(0, variableCount)) {
    if (arg.kind !== 'ident' || arg.name.startsWith('.')) {
      const isNamedOtherwise = variableCount === 2 || call.name === 'all' || call.name.startsWith('exists');
      return issue(arg, isNamedOtherwise ? 'argument must be a simple name' : 'argument is not an identifier');
    }
    if (accumulatorNames.has(arg.name)) return issue(arg, 'iteration variable overwrites accumulator variable');
    if (names.includes(arg.name)) return issue(arg, `duplicate variable name: ${arg.name}`);
    names.push(arg.name);
  }
  return { range, names, rest: call.args.slice(variableCount) };
}

type LoopMaker = (
  build: TreeBuilder,
  at: number,
  rest: readonly Node[],
  names: readonly string[],
) => { accuInit: Node; condition: Node; step: Node; result: Node } | undefined;

function loop(variableCount: 1 | 2, make: LoopMaker): Expander {
  return (build, call) => {
    const parts = takeApart(call, variableCount);
    if (parts === undefined || !('range' in parts)) return parts;
    const made = make(build, call.position, parts.rest, parts.names);
    const [first = '', second] = parts.names;
    if (made === undefined) return undefined;
    return build.comprehension(call, parts.range, first, second, accumulator, made);
  };
}

const all: LoopMaker = (build, at, [predicate]) => {
  const result = (): Node => build.ident(at, accumulator);
  if (predicate === undefined) return undefined;
  return {
    accuInit: build.literal(at, true),
    condition: build.call(at, operators.notStrictlyFalse, [result()]),
    step: build.call(at, operators.and, [result(), predicate]),
    result: result(),
  };
};

const exists: LoopMaker = (build, at, [predicate]) => {
  const result = (): Node => build.ident(at, accumulator);
  if (predicate === undefined) return undefined;
  return {
    accuInit: build.literal(at, false),
    condition: build.call(at, operators.notStrictlyFalse, [build.call(at, operators.not, [result()])]),
    step: build.call(at, operators.or, [result(), predicate]),
    result: result(),
  };
};

const existsOne: LoopMaker = (build, at, [predicate]) => {
  const result = (): Node => build.ident(at, accumulator);
  if (predicate === undefined) return undefined;
  const counted = build.call(at, operators.add, [result(), build.literal(at, 1)]);
  return {
    accuInit: build.literal(at, 0),
    condition: build.literal(at, true),
    step: build.call(at, operators.conditional, [predicate, counted, result()]),
    result: build.call(at, operators.equals, [result(), build.literal(at, 1)]),
  };
};

/** Adds to the accumulator, where there is a filter only when it holds. */
function collect(
  empty: (build: TreeBuilder, at: number) => Node,
  add: (build: TreeBuilder, at: number, accu: Node, value: Node, names: readonly string[]) => Node,
): LoopMaker {
  return (build, at, rest, names) => {
    const result = (): Node => build.ident(at, accumulator);
    const value = rest.at(-1);
    const filter = rest.length > 1 ? rest[0] : undefined;
    if (value === undefined) return undefined;
    const added = add(build, at, result(), value, names);
    return {
      accuInit: empty(build, at),
      condition: build.literal(at, true),
      step: filter === undefined ? added : build.call(at, operators.conditional, [filter, added, result()]),
      result: result(),
    };
  };
}

const emptyList = (build: TreeBuilder, at: number): Node => build.list(at, []);
const emptyMap = (build: TreeBuilder, at: number): Node => build.map(at, []);

const map = collect(emptyList, (build, at, accu, value) =>
  build.call(at, operators.add, [accu, build.list(at, [value])]),
);

export const mapInsert = 'cel.@mapInsert';

const transformMap = collect(emptyMap, (build, at, accu, value, [key = '']) =>
  build.call(at, mapInsert, [accu, build.ident(at, key), value]),
);

const transformMapEntry = collect(emptyMap, (build, at, accu, entry) => build.call(at, mapInsert, [accu, entry]));

const filter: Expander = (build, call) => {
  const parts = takeApart(call, 1);
  if (parts === undefined || !('range' in parts)) return parts;
  const [name = ''] = parts.names;
  const [predicate] = parts.rest;
  const at = call.position;
  if (predicate === undefined) return undefined;
  const element = build.ident(call.args[0]?.position ?? at, name);
  const made = map(build, at, [predicate, element], parts.names);
  return made && build.comprehension(call, parts.range, name, undefined, accumulator, made);
};

/** The variable of a loop over nothing, which is there only to give a name to a value. */
export const unusedVariable = '#unused';

/** `target.optMap(x, f)`: x is bound to what the optional holds, and only when it holds something. */
function optional(wrap: (build: TreeBuilder, at: number, value: Node) => Node): Expander {
  return (build, call) => {
    const target = call.target;
    const [variable, value] = call.args;
    if (target === undefined || variable === undefined || value === undefined) return undefined;
    const at = call.position;
    if (variable.kind !== 'ident' || variable.name.startsWith('.')) {
      return issue(variable, `${call.name}() variable name must be a simple identifier`);
    }
    const bound = build.comprehension(call, build.list(at, []), unusedVariable, undefined, variable.name, {
      accuInit: build.call(at, 'value', [], target),
      condition: build.literal(at, false),
      step: build.ident(at, variable.name),
      result: value,
    });
    return build.call(at, operators.conditional, [
      build.call(at, 'hasValue', [], target),
      wrap(build, at, bound),
      build.call(at, 'optional.none', []),
    ]);
  };
}

/** `cel.bind(name, value, expression)`: the value is there under the name. */
const bind: Expander = (build, call) => {
  const [variable, value, result] = call.args;
  if (call.target?.kind !== 'ident' || call.target.name !== 'cel') return undefined;
  if (variable === undefined || value === undefined || result === undefined) return undefined;
  if (variable.kind !== 'ident' || variable.name.startsWith('.')) {
    return issue(variable, 'cel.bind() variable names must be simple identifiers');
  }
  const at = call.position;
  return build.comprehension(call, build.list(at, []), unusedVariable, undefined, variable.name, {
    accuInit: value,
    condition: build.literal(at, false),
    step: build.ident(at, variable.name),
    result,
  });
};

const receiverMacros = new Map<string, Expander>([
  ['all/2', loop(1, all)],
  ['all/3', loop(2, all)],
  ['exists/2', loop(1, exists)],
  ['exists/3', loop(2, exists)],
  ['exists_one/2', loop(1, existsOne)],
  ['exists_one/3', loop(2, existsOne)],
  ['existsOne/2', loop(1, existsOne)],
  ['existsOne/3', loop(2, existsOne)],
  ['map/2', loop(1, map)],
  ['map/3', loop(1, map)],
  ['filter/2', filter],
  ['transformList/3', loop(2, map)],
  ['transformList/4', loop(2, map)],
  ['transformMap/3', loop(2, transformMap)],
  ['transformMap/4', loop(2, transformMap)],
  ['transformMapEntry/3', loop(2, transformMapEntry)],
  ['transformMapEntry/4', loop(2, transformMapEntry)],
  ['optMap/2', optional((build, at, value) => build.call(at, 'optional.of', [value]))],
  ['optFlatMap/2', optional((_build, _at, value) => value)],
]);

export interface MacroOptions {
  readonly hasBind: boolean;
}

/** The node that a call stands for: itself when no macro has its name and number of arguments. */
export function expandMacro(build: TreeBuilder, call: CallNode, { hasBind }: MacroOptions): Node | Issue {
  if (hasBind && call.name === 'bind' && call.args.length === 3) return bind(build, call) ?? call;
  if (call.target === undefined)
    return call.name === 'has' && call.args.length === 1 ? (has(build, call) ?? call) : call;
  return receiverMacros.get(`${call.name}/${call.args.length}`)?.(build, call) ?? call;
}
