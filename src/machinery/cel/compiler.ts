/** Turns a checked tree into closures. */
import type { CallNode, ListNode, MapNode, Node, SelectNode, StructNode } from './ast.ts';
import { operators } from './ast.ts';
import { adapterOf } from './adapt.ts';
import { costs } from './call-cost.ts';
import type { Compiled, NodeCompiler, Scope } from './compiled.ts';
import { constantOf } from './compiled.ts';
import { compileCall } from './compile-call.ts';
import { compileComprehension } from './compile-comprehension.ts';
import { conditional, logicalAnd, logicalOr, notStrictlyFalse } from './compile-logic.ts';
import type { CheckEnvironment } from './checker.ts';
import type { CelField, CelTypeProvider } from './contract.ts';
import type { Evaluator } from './evaluation.ts';
import { CelFailure, fail } from './failure.ts';
import { listItem, mapItem } from './library/operators.ts';
import { isMap } from './declarations.ts';
import { selectDynamic, selectIfPresent, selector } from './select.ts';
import type { CelType } from './types.ts';
import { dynType, optionalOf } from './types.ts';
import type { CelValue } from './values.ts';
import { CelMap, isList, keyText, Optional, TypeValue } from './values.ts';

export class Compiler implements NodeCompiler {
  readonly types: CelTypeProvider | undefined;
  /** Names of variables that are referred to, and the slots of their values. */
  readonly variables = new Map<string, number>();
  readonly #variableNames: ReadonlyMap<string, CelType>;
  readonly #namedTypes: ReadonlyMap<string, CelType>;
  /** `optMap` uses its target twice, and becomes a conditional: nested in one another they would take forever. */
  readonly #conditionals = new Map<Node, Compiled>();
  #slotCount = 0;

  constructor({ types, variables, typeNames }: Pick<CheckEnvironment, 'types' | 'variables' | 'typeNames'>) {
    this.types = types;
    this.#variableNames = variables;
    this.#namedTypes = typeNames;
  }

  get slotCount(): number {
    return this.#slotCount;
  }

  newSlot(): number {
    return this.#slotCount++;
  }

  /** `isFree`: the variable at the root costs nothing, only what is selected from it. */
  compile(node: Node, scope: Scope | undefined, isFree = false): Compiled {
    switch (node.kind) {
      case 'literal':
        return constantOf(node.value);
      case 'ident':
        return this.#ident(node.resolved ?? node.name, scope, isFree);
      case 'select':
        return this.#select(node, scope, isFree);
      case 'call':
        return this.#call(node, scope, isFree);
      case 'list':
        return this.#list(node, scope);
      case 'map':
        return this.#map(node, scope);
      case 'struct':
        return this.#struct(node, scope);
      case 'comprehension':
        return { evaluate: compileComprehension(this, node, scope) };
    }
  }

  evaluator(node: Node, scope: Scope | undefined): Evaluator {
    return this.compile(node, scope).evaluate;
  }

  #ident(name: string, scope: Scope | undefined, isFree: boolean): Compiled {
    const cost = isFree ? 0 : costs.selectOrIdent;
    for (let inner = scope; inner !== undefined; inner = inner.outer) {
      const slot = inner.slots.get(name);
      if (slot !== undefined) {
        const { index, make } = slot;
        const evaluate = make === undefined ? readSlot(index, name, cost) : readLazily(index, make, cost);
        return { evaluate, isAttribute: true };
      }
    }
    const isVariable = this.#variableNames.has(name);
    if (!isVariable && (this.#namedTypes.has(name) || this.types?.hasType(name) === true)) {
      const type = new TypeValue(name);
      return { evaluate: () => type };
    }
    let index = this.variables.get(name);
    if (index === undefined) {
      index = this.newSlot();
      this.variables.set(name, index);
    }
    return { evaluate: readSlot(index, name, cost), isAttribute: true };
  }

  /** What something is selected from: one more step when it is not a variable itself. */
  #operand(node: Node, scope: Scope | undefined, isFree: boolean): Evaluator {
    const operand = this.compile(node, scope, isFree);
    if (operand.isAttribute === true || isFree) return operand.evaluate;
    const { evaluate } = operand;
    return (state) => {
      const value = evaluate(state);
      state.charge(costs.selectOrIdent);
      return value;
    };
  }

  /** The field of what a node evaluates to, or of what is in it when that is optional. */
  #field(node: Node, name: string): CelField | undefined {
    const { type = dynType } = node;
    const held = optionalOf(type) ?? type;
    return held.kind === 'object' ? this.types?.field(held.name, name) : undefined;
  }

  #select(node: SelectNode, scope: Scope | undefined, isFree: boolean): Compiled {
    if (node.resolved !== undefined) return this.#ident(node.resolved, undefined, isFree);
    const field = this.#field(node.operand, node.field);
    const property = field?.property ?? node.field;
    const isNullAbsent = field !== undefined;
    if (node.isTest) {
      const operand = this.evaluator(node.operand, scope);
      return {
        evaluate: (state) => {
          const found = selectDynamic(operand(state), property);
          return found !== undefined && !(isNullAbsent && found === null);
        },
      };
    }
    const operand = this.#operand(node.operand, scope, isFree);
    const adapt = field === undefined ? undefined : adapterOf(field.type);
    return { evaluate: selector(operand, property, adapt, isNullAbsent), isAttribute: true };
  }

  #call(node: CallNode, scope: Scope | undefined, isFree: boolean): Compiled {
    const [first, second, third] = node.args;
    switch (node.name) {
      case operators.and:
      case operators.or: {
        if (first === undefined || second === undefined) break;
        const make = node.name === operators.and ? logicalAnd : logicalOr;
        return { evaluate: make(this.evaluator(first, scope), this.evaluator(second, scope)) };
      }
      case operators.conditional: {
        if (first === undefined || second === undefined || third === undefined) break;
        const known = this.#conditionals.get(node);
        if (known !== undefined) return known;
        const branches = [second, third].map((branch) => this.compile(branch, scope, isAttribute(branch)).evaluate);
        const [whenTrue, whenFalse] = branches;
        if (whenTrue === undefined || whenFalse === undefined) break;
        const compiled = { evaluate: conditional(this.evaluator(first, scope), whenTrue, whenFalse) };
        this.#conditionals.set(node, compiled);
        return compiled;
      }
      case operators.notStrictlyFalse:
        if (first === undefined) break;
        return { evaluate: notStrictlyFalse(this.evaluator(first, scope)) };
      case operators.index:
      case operators.optIndex:
        if (first === undefined || second === undefined) break;
        return this.#index(node, first, second, scope, isFree);
      case operators.optSelect:
        if (first === undefined || second?.kind !== 'literal') break;
        return this.#optionalSelect(first, String(second.value), scope, isFree);
      default:
        break;
    }
    return compileCall(this, node, scope);
  }

  #index(node: CallNode, operand: Node, key: Node, scope: Scope | undefined, isFree: boolean): Compiled {
    const container = this.#operand(operand, scope, isFree);
    const index = this.compile(key, scope, isAttribute(key)).evaluate;
    const isOptional = node.name === operators.optIndex;
    const overloads = node.overloads ?? [];
    return {
      isAttribute: true,
      evaluate: (state) => {
        const value = container(state);
        const at = index(state);
        state.charge(costs.selectOrIdent);
        if (!isOptional) {
          if (isList(value)) return listItem(value, at);
          if (isMap(value)) return mapItem(value, at);
        }
        for (const overload of overloads) {
          if (overload.accepts[0]?.(value) === true && overload.accepts[1]?.(at) === true) {
            return overload.call(value, at);
          }
        }
        return fail(`no such key: ${keyText(at)}`);
      },
    };
  }

  #optionalSelect(node: Node, name: string, scope: Scope | undefined, isFree: boolean): Compiled {
    const operand = this.#operand(node, scope, isFree);
    const field = this.#field(node, name);
    const property = field?.property ?? name;
    const adapt = field === undefined ? undefined : adapterOf(field.type);
    return {
      isAttribute: true,
      evaluate: (state) => {
        const value = operand(state);
        state.charge(costs.selectOrIdent);
        const held = value instanceof Optional ? value.value : value;
        const found = held === undefined ? undefined : selectIfPresent(held, property);
        if (found === undefined || (field !== undefined && found === null)) return Optional.none;
        return new Optional(adapt === undefined ? found : state.adapt(adapt, found));
      },
    };
  }

  #list(node: ListNode, scope: Scope | undefined): Compiled {
    const elements = node.elements.map((element) => this.compile(element, scope));
    if (node.optionals.size === 0 && elements.every(({ constant }) => constant !== undefined)) {
      return constantOf(elements.map(({ constant }) => constant ?? null));
    }
    const { optionals } = node;
    return {
      evaluate: (state) => {
        const values: CelValue[] = [];
        for (const [index, { evaluate }] of elements.entries()) {
          const value = evaluate(state);
          if (!optionals.has(index)) values.push(value);
          else if (!(value instanceof Optional))
            fail(`cannot initialize optional list element from non-optional value`);
          else if (value.value !== undefined) values.push(value.value);
        }
        state.charge(costs.list);
        return values;
      },
    };
  }

  #map(node: MapNode, scope: Scope | undefined): Compiled {
    const entries = node.entries.map(({ key, value, isOptional }) => ({
      key: this.compile(key, scope),
      value: this.compile(value, scope),
      isOptional,
    }));
    const isConstant = entries.every(
      ({ key, value, isOptional }) => key.constant !== undefined && value.constant !== undefined && !isOptional,
    );
    const make: Evaluator = (state) => {
      const map = new CelMap();
      for (const { key, value, isOptional } of entries) {
        const at = key.evaluate(state);
        let held: CelValue | undefined = value.evaluate(state);
        if (isOptional) {
          if (!(held instanceof Optional))
            fail(`cannot initialize optional entry '${keyText(at)}' from non-optional value`);
          held = held.value;
        }
        if (!CelMap.isKey(at)) fail('unsupported key type');
        if (held !== undefined && !map.add(at, held)) fail(`Failed with repeated key: ${keyText(at)}`);
      }
      if (!isConstant) state.charge(costs.map);
      return map;
    };
    if (!isConstant) return { evaluate: make };
    return constantMap(make) ?? { evaluate: make };
  }

  #struct(node: StructNode, scope: Scope | undefined): Compiled {
    const create = this.types?.create?.bind(this.types);
    const fields = node.fields.map(({ name, value, isOptional }) => ({
      name,
      isOptional,
      evaluate: this.evaluator(value, scope),
    }));
    const typeName = node.resolved ?? node.name;
    return {
      evaluate: (state) => {
        if (create === undefined) return fail(`unknown type: ${typeName}`);
        const values = new Map<string, CelValue>();
        for (const { name, isOptional, evaluate } of fields) {
          const value = evaluate(state);
          if (!isOptional) values.set(name, value);
          else if (!(value instanceof Optional))
            fail(`cannot initialize optional entry '${name}' from non-optional value`);
          else if (value.value !== undefined) values.set(name, value.value);
        }
        state.charge(costs.struct);
        return create(typeName, values);
      },
    };
  }
}

/** A map of constants is made once; one with a repeated key fails each time it is evaluated. */
function constantMap(make: Evaluator): Compiled | undefined {
  try {
    // Nothing of an evaluation is read when all parts are constant.
    return constantOf(make(undefined as never));
  } catch (error) {
    if (error instanceof CelFailure) return undefined;
    throw error;
  }
}

function isAttribute(node: Node): boolean {
  if (node.kind === 'ident') return true;
  if (node.kind === 'select') return !node.isTest && isAttribute(node.operand);
  if (node.kind !== 'call' || node.args[0] === undefined) return false;
  const isIndex = node.name === operators.index || node.name === operators.optIndex;
  return (isIndex || node.name === operators.optSelect) && isAttribute(node.args[0]);
}

/** What nobody reads is not made, and may even be wrong. */
function readLazily(index: number, make: Evaluator, cost: number): Evaluator {
  return (state) => {
    state.charge(cost);
    const known = state.slots[index];
    if (known !== undefined && !(known instanceof CelFailure)) return known;
    const value = make(state);
    state.slots[index] = value;
    return value;
  };
}

function readSlot(index: number, name: string, cost: number): Evaluator {
  return (state) => {
    state.charge(cost);
    const value = state.slots[index];
    if (value === undefined) return fail(`no such attribute(s): ${name}`);
    if (value instanceof CelFailure) throw value;
    return value;
  };
}
