/** How much an evaluation of a checked tree can cost, before there is anything to evaluate it with. */
import type { CallNode, ComprehensionNode, ListNode, MapNode, Node, SelectNode } from './ast.ts';
import { accumulator, functionName, operators } from './ast.ts';
import { costs } from './call-cost.ts';
import type { SizeEstimator } from './contract.ts';
import type { CallEstimate, Sized } from './cost-calls.ts';
import { estimateCall, unionOf } from './cost-calls.ts';
import type { Range } from './cost-ranges.ts';
import { exactly, noCost, plus, times, union, unknown } from './cost-ranges.ts';
import type { CelType } from './types.ts';
import { dynType, optionalOf } from './types.ts';
import { codePointLength } from './values.ts';

/** Sizes of what is in a list or map. */
interface EntrySizes {
  readonly kind: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: readonly string[] | undefined;
  readonly size: Range | undefined;
  readonly entries: EntrySizes | undefined;
}

/** Nothing is in it, and everything may join. */
const emptyRange: Range = { min: unknown.max, max: 0 };

function isScalar(type: CelType): boolean {
  const wrapped = optionalOf(type);
  if (wrapped !== undefined) return isScalar(wrapped);
  return ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'].includes(type.kind);
}

class Coster {
  readonly #estimateSize: SizeEstimator | undefined;
  /** What is known already: `optMap` uses a node twice. */
  readonly #costs = new Map<Node, Range>();
  readonly #paths = new Map<Node, readonly string[]>();
  readonly #sizes = new Map<Node, Range>();
  readonly #entries = new Map<Node, EntrySizes>();
  readonly #locals = new Map<string, Local[]>();

  constructor(estimateSize: SizeEstimator | undefined) {
    this.#estimateSize = estimateSize;
  }

  cost(node: Node): Range {
    const known = this.#costs.get(node);
    if (known !== undefined) return known;
    const cost = this.#costOf(node);
    this.#costs.set(node, cost);
    return cost;
  }

  #costOf(node: Node): Range {
    switch (node.kind) {
      case 'literal':
        return noCost;
      case 'ident': {
        const path = this.#local(node.name) === undefined ? [node.resolved ?? node.name] : this.#local(node.name)?.path;
        if (path !== undefined) this.#paths.set(node, path);
        return exactly(costs.selectOrIdent);
      }
      case 'select':
        return this.#select(node);
      case 'call':
        return this.#call(node);
      case 'list':
        return this.#list(node);
      case 'map':
        return this.#map(node);
      case 'struct':
        return node.fields.reduce((sum, field) => plus(sum, this.cost(field.value)), exactly(costs.struct));
      case 'comprehension':
        return this.#isBinding(node) ? this.#binding(node) : this.#comprehension(node);
    }
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name);
    if (stack === undefined) this.#locals.set(name, [local]);
    else stack.push(local);
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop();
  }

  #path(node: Node): readonly string[] | undefined {
    if (node.kind === 'ident') {
      const local = this.#local(node.name);
      if (local !== undefined) return local.path;
    }
    return this.#paths.get(node);
  }

  #below(node: Node, name: string): readonly string[] | undefined {
    const path = this.#path(node);
    return path === undefined ? undefined : [...path, name];
  }

  #select(node: SelectNode): Range {
    if (node.resolved !== undefined) {
      this.#paths.set(node, [node.resolved]);
      return exactly(costs.selectOrIdent);
    }
    const operand = this.cost(node.operand);
    if (node.isTest) return operand;
    const path = this.#below(node.operand, node.field);
    if (path !== undefined) this.#paths.set(node, path);
    const kind = node.operand.type?.kind;
    // Upstream does not count a field of something whose type it does not know.
    return kind === 'map' || kind === 'object' || kind === 'param'
      ? plus(operand, exactly(costs.selectOrIdent))
      : operand;
  }

  #sized(node: Node): Sized {
    const type = node.type ?? dynType;
    const size = this.#size(node);
    let elementSize: Range | undefined;
    if (type.kind === 'list') {
      const path = this.#below(node, '@items');
      elementSize = this.#estimateSize?.(path ?? [], type.element);
    }
    return { node, type, size, elementSize };
  }

  #call(node: CallNode): Range {
    const args = node.args.map((arg) => this.cost(arg));
    const argCost = args.reduce(plus, noCost);
    if (node.name === 'dyn' && node.args[0] !== undefined) {
      this.#copySizes(node, node.args[0]);
      return plus(exactly(1), argCost);
    }
    const isMember = node.target !== undefined && node.isQualified !== true;
    const target = isMember ? node.target : undefined;
    const targetCost = target === undefined ? noCost : this.cost(target);
    const logical = this.#logical(node, args);
    if (logical !== undefined) return logical;
    const sized = node.args.map((arg) => this.#sized(arg));
    const sizedTarget = target === undefined ? undefined : this.#sized(target);
    const name = functionName(node);
    const overloads = node.overloads ?? [];
    const estimate = unionOf(overloads.map(({ id }) => estimateCall(name, id, sizedTarget, sized)));
    for (const { id } of overloads) this.#afterCall(node, id);
    this.#setResultSize(node, estimate);
    return plus(targetCost, plus(estimate.cost, argCost));
  }

  #setResultSize(node: CallNode, { resultSize }: CallEstimate): void {
    if (resultSize !== undefined && !this.#sizes.has(node)) this.#sizes.set(node, resultSize);
  }

  /** Operators of which not all arguments are evaluated. */
  #logical(node: CallNode, args: readonly Range[]): Range | undefined {
    const [first = noCost, second = noCost, third = noCost] = args;
    if (node.name === operators.and || node.name === operators.or) {
      return { min: first.min, max: plus(first, second).max };
    }
    if (node.name !== operators.conditional) return undefined;
    const [, whenTrue, whenFalse] = node.args;
    if (whenTrue === undefined || whenFalse === undefined) return undefined;
    this.#sizes.set(node, union(this.#size(whenTrue) ?? unknown, this.#size(whenFalse) ?? unknown));
    const [left, right] = [this.#entrySizes(whenTrue), this.#entrySizes(whenFalse)];
    this.#setEntries(node, joined(left, right));
    return plus(first, union(second, third));
  }

  /** Where the result of an index lies, and what is in a concatenation. */
  #afterCall(node: CallNode, overload: string): void {
    const [first, second] = node.args;
    if (first === undefined) return;
    if (overload === 'index_list' || overload === 'index_map') {
      const path = this.#below(first, overload === 'index_list' ? '@items' : '@values');
      if (path !== undefined) this.#paths.set(node, path);
      const size = this.#entrySizes(first)?.value;
      if (size !== undefined) this.#sizes.set(node, size);
    } else if (overload.startsWith('add_') && second !== undefined) {
      this.#setEntries(node, joined(this.#entrySizes(first), this.#entrySizes(second)));
    }
  }

  #list(node: ListNode): Range {
    let cost = exactly(costs.list);
    let value = node.elements.length === 0 ? noCost : emptyRange;
    for (const element of node.elements) {
      cost = plus(cost, this.cost(element));
      value = union(value, this.#size(element) ?? unknown);
    }
    this.#setEntries(node, { kind: 'list', key: exactly(1), value });
    return cost;
  }

  #map(node: MapNode): Range {
    let cost = exactly(costs.map);
    let key = node.entries.length === 0 ? noCost : emptyRange;
    let value = key;
    for (const entry of node.entries) {
      cost = plus(cost, plus(this.cost(entry.key), this.cost(entry.value)));
      key = union(key, this.#size(entry.key) ?? unknown);
      value = union(value, this.#size(entry.value) ?? unknown);
    }
    this.#setEntries(node, { kind: 'map', key, value });
    return cost;
  }

  #isBinding({ range, condition }: ComprehensionNode): boolean {
    return (
      range.kind === 'list' && range.elements.length === 0 && condition.kind === 'literal' && condition.value === false
    );
  }

  #binding(node: ComprehensionNode): Range {
    const before = plus(this.cost(node.range), this.cost(node.accuInit));
    this.#pushAccumulator(node);
    const result = this.cost(node.result);
    this.#pop(node.accuVar);
    this.#copySizes(node, node.result);
    return plus(before, result);
  }

  #pushAccumulator({ accuVar, accuInit }: ComprehensionNode): void {
    const path = accuVar === accumulator ? undefined : this.#path(accuInit);
    this.#push(accuVar, { path, size: this.#size(accuInit), entries: this.#entrySizes(accuInit) });
  }

  #comprehension(node: ComprehensionNode): Range {
    const before = plus(this.cost(node.range), this.cost(node.accuInit));
    this.#pushAccumulator(node);
    const entries = this.#entrySizes(node.range);
    const isList = (entries?.kind ?? node.range.type?.kind) === 'list';
    const value: Local = {
      path: this.#below(node.range, isList ? '@items' : '@values'),
      size: entries?.value,
      entries: undefined,
    };
    const key: Local = {
      path: this.#below(node.range, isList ? '@indices' : '@keys'),
      size: entries?.key,
      entries: undefined,
    };
    this.#push(node.iterVar, node.iterVar2 === undefined && isList ? value : key);
    if (node.iterVar2 !== undefined) this.#push(node.iterVar2, value);
    const each = plus(this.cost(node.condition), this.cost(node.step));
    this.#pop(node.iterVar);
    if (node.iterVar2 !== undefined) this.#pop(node.iterVar2);
    const result = this.cost(node.result);
    this.#pop(node.accuVar);
    const count = this.#size(node.range) ?? unknown;
    this.#setComprehensionSize(node, count);
    return plus(plus(before, result), times(count, each));
  }

  #setComprehensionSize(node: ComprehensionNode, count: Range): void {
    const { kind } = node.accuInit;
    if (kind === 'literal') this.#sizes.set(node, exactly(1));
    if (kind !== 'list' && kind !== 'map') return;
    this.#sizes.set(node, count);
    this.#setEntries(node, this.#entrySizes(node.step));
  }

  #setEntries(node: Node, entries: EntrySizes | undefined): void {
    if (entries !== undefined) this.#entries.set(node, entries);
  }

  #entrySizes(node: Node): EntrySizes | undefined {
    const known = this.#entries.get(node);
    if (known !== undefined || node.kind !== 'ident') return known;
    return this.#local(node.name)?.entries;
  }

  #copySizes(to: Node, from: Node): void {
    const size = this.#size(from);
    if (size !== undefined) this.#sizes.set(to, size);
    this.#setEntries(to, this.#entrySizes(from));
  }

  #size(node: Node): Range | undefined {
    const known = this.#sizes.get(node) ?? literalSize(node);
    if (known !== undefined) return known;
    const type = node.type ?? dynType;
    const estimated = this.#estimateSize?.(this.#path(node) ?? [], type);
    if (estimated !== undefined) {
      this.#sizes.set(node, estimated);
      return estimated;
    }
    if (isScalar(type)) return exactly(1);
    return node.kind === 'ident' ? this.#local(node.name)?.size : undefined;
  }
}

function joined(a: EntrySizes | undefined, b: EntrySizes | undefined): EntrySizes | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { kind: a.kind, key: union(a.key, b.key), value: union(a.value, b.value) };
}

function literalSize(node: Node): Range | undefined {
  if (node.kind === 'list') return exactly(node.elements.length);
  if (node.kind === 'map') return exactly(node.entries.length);
  if (node.kind !== 'literal') return undefined;
  if (typeof node.value === 'string') return exactly(codePointLength(node.value));
  return exactly(node.value instanceof Uint8Array ? node.value.length : 1);
}

export function estimateCost(tree: Node, estimateSize: SizeEstimator | undefined): Range {
  return new Coster(estimateSize).cost(tree);
}
