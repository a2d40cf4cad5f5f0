/** Loops. */
import type { CallNode, ComprehensionNode, Node } from './ast.ts';
import { operators } from './ast.ts';
import { costs } from './call-cost.ts';
import { truth } from './compile-logic.ts';
import type { NodeCompiler, Scope } from './compiled.ts';
import { isMap } from './declarations.ts';
import { keysOf, lookUp } from './equality.ts';
import type { Evaluation, Evaluator } from './evaluation.ts';
import { CelFailure, fail } from './failure.ts';
import { mapInsert } from './macros.ts';
import type { CelValue } from './values.ts';
import { CelMap, isList, keyText } from './values.ts';

/** Calls with each element in the variables' slots until the body says that it is enough. */
type Iteration = (state: Evaluation, body: () => boolean) => void;

function iteration(range: Evaluator, first: number, second: number | undefined): Iteration {
  return (state, body) => {
    const value = range(state);
    const { slots } = state;
    if (isList(value)) {
      for (const [index, item] of value.entries()) {
        slots[first] = second === undefined ? item : index;
        if (second !== undefined) slots[second] = item;
        state.iterate();
        if (!body()) return;
      }
      return;
    }
    if (!isMap(value)) fail('no such overload');
    for (const key of keysOf(value)) {
      slots[first] = key;
      if (second !== undefined) slots[second] = lookUp(value, key);
      state.iterate();
      if (!body()) return;
    }
  };
}

export function compileComprehension(
  compiler: NodeCompiler,
  node: ComprehensionNode,
  scope: Scope | undefined,
): Evaluator {
  const accu = compiler.newSlot();
  const init = compiler.evaluator(node.accuInit, scope);
  if (isBinding(node)) {
    const slots = new Map([[node.accuVar, { index: accu, make: init }]]);
    const result = compiler.evaluator(node.result, { slots, outer: scope });
    return (state) => {
      state.slots[accu] = undefined;
      return result(state);
    };
  }
  const withAccu: Scope = { slots: new Map([[node.accuVar, { index: accu }]]), outer: scope };
  const first = compiler.newSlot();
  const second = node.iterVar2 === undefined ? undefined : compiler.newSlot();
  const names = new Map([[node.iterVar, { index: first }]]);
  if (node.iterVar2 !== undefined && second !== undefined) names.set(node.iterVar2, { index: second });
  const inner: Scope = { slots: names, outer: withAccu };
  const iterate = iteration(compiler.evaluator(node.range, scope), first, second);
  const special = compileQuantifier(compiler, node, inner, iterate) ?? compileCollector(compiler, node, inner, iterate);
  if (special !== undefined) return special;
  const condition = compiler.evaluator(node.condition, inner);
  const step = compiler.evaluator(node.step, inner);
  const result = compiler.evaluator(node.result, withAccu);
  return (state) => {
    const { slots } = state;
    let accumulated: CelValue | CelFailure = init(state);
    slots[accu] = accumulated;
    iterate(state, () => {
      if (condition(state) !== true) return false;
      try {
        accumulated = step(state);
      } catch (error) {
        if (!(error instanceof CelFailure)) throw error;
        accumulated = error;
      }
      slots[accu] = accumulated;
      return true;
    });
    // A loop within the loop may have used the slot for elements of its own.
    slots[accu] = accumulated;
    return result(state);
  };
}

/** A loop over nothing, which only gives a name to a value. */
function isBinding({ range, condition }: ComprehensionNode): boolean {
  return (
    range.kind === 'list' && range.elements.length === 0 && condition.kind === 'literal' && condition.value === false
  );
}

/** `all` and `exists` end with the first element that decides; errors of others matter only when none does. */
function compileQuantifier(
  compiler: NodeCompiler,
  { macro, step }: ComprehensionNode,
  scope: Scope,
  iterate: Iteration,
): Evaluator | undefined {
  const isAll = macro.name === 'all';
  if (!isAll && macro.name !== 'exists') return undefined;
  const [, predicate] = step.kind === 'call' ? step.args : [];
  if (predicate === undefined) return undefined;
  const test = compiler.evaluator(predicate, scope);
  // To look at the accumulator and ask whether it decides; for `exists` it is negated before.
  const conditionCost = costs.selectOrIdent + (isAll ? 1 : 2);
  return (state) => {
    let isDecided = false;
    let failure: CelFailure | undefined;
    iterate(state, () => {
      state.charge(conditionCost);
      if (isDecided) return false;
      state.charge(costs.selectOrIdent);
      const found = truth(test, state);
      if (typeof found !== 'boolean') failure ??= found;
      else if (found !== isAll) isDecided = true;
      return true;
    });
    state.charge(costs.selectOrIdent);
    if (isDecided) return !isAll;
    if (failure !== undefined) throw failure;
    return isAll;
  };
}

/** What the accumulator plus something costs: to name it, and to call the operator. */
const appendCost = costs.selectOrIdent + 1;

interface Collecting {
  readonly filter: Node | undefined;
  readonly add: CallNode;
}

function collecting({ step, accuVar }: ComprehensionNode): Collecting | undefined {
  const isConditional = step.kind === 'call' && step.name === operators.conditional;
  const add = isConditional ? step.args[1] : step;
  const filter = isConditional ? step.args[0] : undefined;
  if (add?.kind !== 'call' || (add.name !== operators.add && add.name !== mapInsert)) return undefined;
  const [target] = add.args;
  return target?.kind === 'ident' && target.name === accuVar ? { filter, add } : undefined;
}

/** `map`, `filter` and `transform…` add to one list or map instead of making a new one for each element. */
function compileCollector(
  compiler: NodeCompiler,
  node: ComprehensionNode,
  scope: Scope,
  iterate: Iteration,
): Evaluator | undefined {
  const found = collecting(node);
  const [, second, third] = found?.add.args ?? [];
  if (found === undefined || second === undefined) return undefined;
  const filter = found.filter === undefined ? undefined : compiler.evaluator(found.filter, scope);
  const isWanted = (state: Evaluation): boolean => {
    const wanted = filter === undefined ? true : filter(state);
    return typeof wanted === 'boolean' ? wanted : fail('no such overload');
  };
  const item = second.kind === 'list' ? second.elements[0] : undefined;
  if (node.accuInit.kind === 'list' && item !== undefined) {
    const { evaluate, constant } = compiler.compile(item, scope);
    const cost = appendCost + (constant === undefined ? costs.list : 0);
    return (state) => {
      const values: CelValue[] = [];
      iterate(state, () => {
        if (!isWanted(state)) return true;
        values.push(evaluate(state));
        state.charge(cost);
        return true;
      });
      state.charge(costs.selectOrIdent);
      return values;
    };
  }
  if (node.accuInit.kind !== 'map') return undefined;
  const key = compiler.evaluator(second, scope);
  const value = third === undefined ? undefined : compiler.evaluator(third, scope);
  return (state) => {
    const map = new CelMap();
    iterate(state, () => {
      if (!isWanted(state)) return true;
      if (value === undefined) insertEntries(map, key(state));
      else insert(map, key(state), value(state));
      state.charge(appendCost);
      return true;
    });
    state.charge(costs.selectOrIdent);
    return map;
  };
}

function insert(map: CelMap, key: CelValue, value: CelValue): void {
  if (!map.add(key, value)) fail(`insert failed: key ${keyText(key)} already exists`);
}

function insertEntries(map: CelMap, entries: CelValue): void {
  if (!isMap(entries)) fail('no such overload');
  for (const key of keysOf(entries)) insert(map, key, lookUp(entries, key) ?? null);
}
