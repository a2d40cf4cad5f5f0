/** Gives every node of a tree its type, resolves names and overloads, and reports what does not fit, as cel-go does. */
import type { CallNode, ComprehensionNode, ListNode, MapNode, Node, SelectNode, StructNode } from './ast.ts';
import { operators, qualifiedName } from './ast.ts';
import type { CelTypeProvider } from './contract.ts';
import type { FunctionTable, Overload } from './declarations.ts';
import type { Issue } from './issues.ts';
import type { CelType } from './types.ts';
import {
  boolType,
  doubleType,
  dynType,
  errorType,
  formatType,
  intType,
  listType,
  mapType,
  optionalOf,
  optionalType,
  stringType,
  typeTypeOf,
  objectType,
} from './types.ts';
import { instantiate, isDyn, isDynOrError, mostGeneral, Substitution } from './unify.ts';
import { typeNameOf } from './values.ts';

export interface CheckEnvironment {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: FunctionTable;
  /** Types that may be named in expressions, by name. */
  readonly typeNames: ReadonlyMap<string, CelType>;
  readonly types: CelTypeProvider | undefined;
  readonly container: string;
  readonly allowMixedLiterals: boolean;
}

const literalTypes: Readonly<Record<string, CelType>> = {
  int: intType,
  double: doubleType,
  string: stringType,
  bool: boolType,
  uint: { kind: 'uint' },
  bytes: { kind: 'bytes' },
  null_type: { kind: 'null' },
};

interface Scope {
  readonly names: ReadonlyMap<string, CelType>;
  readonly outer: Scope | undefined;
}

class Checker {
  readonly issues: Issue[] = [];
  readonly #environment: CheckEnvironment;
  readonly #substitution = new Substitution();
  readonly #visited: Node[] = [];
  #scope: Scope | undefined;

  constructor(environment: CheckEnvironment) {
    this.#environment = environment;
  }

  run(tree: Node): void {
    this.#check(tree);
    for (const node of this.#visited) node.type = this.#substitution.apply(node.type ?? dynType, true);
  }

  #report(position: number, message: string): void {
    this.issues.push({ position, message });
  }

  /** A node that `optMap` uses twice is checked once: nested in one another they would take forever. */
  #check(node: Node): CelType {
    if (node.type !== undefined) return node.type;
    const type = this.#typeOf(node);
    node.type = type;
    this.#visited.push(node);
    return type;
  }

  #typeOf(node: Node): CelType {
    switch (node.kind) {
      case 'literal':
        return literalTypes[typeNameOf(node.value)] ?? dynType;
      case 'ident': {
        const found = this.#lookup(node.name);
        if (found !== undefined) {
          node.resolved = found.name;
          return found.type;
        }
        this.#undeclared(node.position, node.name);
        return errorType;
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
        return this.#struct(node);
      case 'comprehension':
        return this.#comprehension(node);
    }
  }

  #undeclared(position: number, name: string): void {
    this.#report(position, `undeclared reference to '${name}' (in container '${this.#environment.container}')`);
  }

  /** Names that a name may stand for, the most qualified one first. */
  #candidates(name: string): string[] {
    if (name.startsWith('.')) return [name.slice(1)];
    const candidates: string[] = [];
    let container = this.#environment.container;
    while (container !== '') {
      candidates.push(`${container}.${name}`);
      const end = container.lastIndexOf('.');
      container = end < 0 ? '' : container.slice(0, end);
    }
    candidates.push(name);
    return candidates;
  }

  #lookup(name: string): { name: string; type: CelType } | undefined {
    for (let scope = this.#scope; scope !== undefined; scope = scope.outer) {
      const type = scope.names.get(name);
      if (type !== undefined) return { name, type };
    }
    for (const candidate of this.#candidates(name)) {
      const variable = this.#environment.variables.get(candidate);
      if (variable !== undefined) return { name: candidate, type: variable };
      const type = this.#namedType(candidate);
      if (type !== undefined) return { name: candidate, type: typeTypeOf(type) };
    }
    return undefined;
  }

  #namedType(name: string): CelType | undefined {
    const known = this.#environment.typeNames.get(name);
    if (known !== undefined) return known;
    return this.#environment.types?.hasType(name) === true ? objectType(name) : undefined;
  }

  #function(name: string): { name: string; overloads: readonly Overload[] } | undefined {
    for (const candidate of this.#candidates(name)) {
      const overloads = this.#environment.functions.get(candidate);
      if (overloads !== undefined) return { name: candidate, overloads };
    }
    return undefined;
  }

  #select(node: SelectNode): CelType {
    const name = qualifiedName(node);
    if (name !== undefined) {
      const found = this.#lookup(name);
      if (found !== undefined && !this.#isLocal(name)) {
        node.resolved = found.name;
        return found.type;
      }
    }
    const type = this.#fieldType(node.position, this.#check(node.operand), node.field, false);
    return node.isTest ? boolType : type;
  }

  /** Whether the first part of a qualified name is a variable of a comprehension. */
  #isLocal(name: string): boolean {
    const [first = ''] = name.split('.');
    for (let scope = this.#scope; scope !== undefined; scope = scope.outer) if (scope.names.has(first)) return true;
    return false;
  }

  #fieldType(position: number, operand: CelType, field: string, isOptionalSelect: boolean): CelType {
    const applied = this.#substitution.apply(operand, false);
    const wrapped = optionalOf(applied);
    const target = wrapped === undefined ? applied : this.#substitution.apply(wrapped, false);
    const type = this.#plainFieldType(position, target, field);
    return (wrapped !== undefined || isOptionalSelect) && type.kind !== 'error' ? optionalType(type) : type;
  }

  #plainFieldType(position: number, target: CelType, field: string): CelType {
    switch (target.kind) {
      case 'map':
        return target.value;
      case 'object': {
        const known = this.#environment.types?.field(target.name, field);
        if (known !== undefined) return known.type;
        this.#report(position, `undefined field '${field}'`);
        return errorType;
      }
      case 'param':
        this.#substitution.isAssignable(target, dynType);
        return dynType;
      default:
        if (isDynOrError(target)) return dynType;
        this.#report(position, `type '${formatType(target)}' does not support field selection`);
        return errorType;
    }
  }

  #call(node: CallNode): CelType {
    if (node.name === operators.optSelect) return this.#optionalSelect(node);
    const args = node.args.map((arg) => this.#check(arg));
    if (node.target === undefined) {
      const found = this.#function(node.name);
      if (found !== undefined) {
        const result = this.#resolve(node, found, args, false);
        // What is added to a set stays a set.
        const [first] = args;
        return node.name === operators.add && first?.kind === 'list' && first.semantics !== undefined ? first : result;
      }
      this.#undeclared(node.position, node.name);
      return errorType;
    }
    const prefix = qualifiedName(node.target);
    if (prefix !== undefined && !this.#isLocal(prefix)) {
      const found = this.#function(`${prefix}.${node.name}`);
      if (found !== undefined) {
        node.isQualified = true;
        return this.#resolve(node, found, args, false);
      }
    }
    const target = this.#check(node.target);
    const found = this.#function(node.name);
    if (found !== undefined) return this.#resolve(node, found, [target, ...args], true);
    this.#undeclared(node.position, node.name);
    return errorType;
  }

  #optionalSelect(node: CallNode): CelType {
    const [operand, field] = node.args;
    if (operand === undefined || field?.kind !== 'literal' || typeof field.value !== 'string') return errorType;
    const type = this.#check(operand);
    this.#check(field);
    return this.#fieldType(node.position, type, field.value, true);
  }

  #resolve(
    node: CallNode,
    found: { readonly name: string; readonly overloads: readonly Overload[] },
    args: readonly CelType[],
    isMember: boolean,
  ): CelType {
    const fitting: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of found.overloads) {
      if (overload.isMember !== isMember || overload.params.length !== args.length) continue;
      let { params, result: overloadResult } = overload;
      if (overload.isGeneric) {
        const fresh = instantiate([overload.result, ...overload.params], this.#substitution);
        overloadResult = fresh[0] ?? dynType;
        params = fresh.slice(1);
      }
      if (!this.#substitution.areAssignable(args, params)) continue;
      fitting.push(overload);
      const applied = this.#substitution.apply(overloadResult, false);
      if (result === undefined) result = applied;
      else if (!isDyn(result) && formatType(result) !== formatType(applied)) result = dynType;
    }
    if (result !== undefined) {
      node.overloads = fitting;
      return result;
    }
    const shown = args.map((arg) => formatType(this.#substitution.apply(arg, true)));
    const signature = isMember ? `${shown[0] ?? ''}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`;
    this.#report(node.position, `found no matching overload for '${found.name}' applied to '${signature}'`);
    return errorType;
  }

  /** The type of an element that may be written with `?`. */
  #elementType(node: Node, isOptional: boolean): CelType {
    const type = this.#check(node);
    if (!isOptional) return type;
    const wrapped = optionalOf(this.#substitution.apply(type, false));
    if (wrapped !== undefined) return wrapped;
    if (!isDyn(type)) this.#mismatch(node.position, optionalType(type), type);
    return type;
  }

  #mismatch(position: number, expected: CelType, found: CelType): void {
    const [wanted, got] = [expected, found].map((type) => formatType(this.#substitution.apply(type, false)));
    this.#report(position, `expected type '${wanted}' but found '${got}'`);
  }

  #join(position: number, before: CelType | undefined, type: CelType): CelType {
    if (before === undefined) return type;
    if (this.#substitution.isAssignable(before, type)) return mostGeneral(before, type);
    if (this.#environment.allowMixedLiterals) return dynType;
    this.#mismatch(position, before, type);
    return errorType;
  }

  #list(node: ListNode): CelType {
    let element: CelType | undefined;
    for (const [index, child] of node.elements.entries()) {
      element = this.#join(child.position, element, this.#elementType(child, node.optionals.has(index)));
    }
    return listType(element ?? this.#substitution.fresh());
  }

  #map(node: MapNode): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of node.entries) {
      key = this.#join(entry.key.position, key, this.#check(entry.key));
      value = this.#join(entry.value.position, value, this.#elementType(entry.value, entry.isOptional));
    }
    return mapType(key ?? this.#substitution.fresh(), value ?? this.#substitution.fresh());
  }

  #struct(node: StructNode): CelType {
    const found = this.#lookup(node.name);
    if (found === undefined) {
      this.#undeclared(node.position, node.name);
      return errorType;
    }
    node.resolved = found.name;
    let type: CelType = errorType;
    if (found.type.kind !== 'type') this.#report(node.position, `'${formatType(found.type)}' is not a type`);
    else if (found.type.of?.kind === 'object') type = found.type.of;
    else this.#report(node.position, `'${formatType(found.type.of ?? dynType)}' is not a message type`);
    for (const field of node.fields) {
      const value = this.#elementType(field.value, field.isOptional);
      if (type.kind !== 'object') continue;
      const known = this.#environment.types?.field(type.name, field.name);
      if (known === undefined) this.#report(field.position, `undefined field '${field.name}'`);
      else if (!this.#substitution.isAssignable(known.type, value)) {
        const given = formatType(this.#substitution.apply(value, true));
        const expected = formatType(known.type);
        this.#report(
          field.position,
          `expected type of field '${field.name}' is '${expected}' but provided type is '${given}'`,
        );
      }
    }
    return type;
  }

  #comprehension(node: ComprehensionNode): CelType {
    const range = this.#substitution.apply(this.#check(node.range), false);
    const accu = this.#check(node.accuInit);
    const [first, second] = this.#iterationTypes(node, range);
    const outer = this.#scope;
    const withAccu: Scope = { names: new Map([[node.accuVar, accu]]), outer };
    const names = new Map<string, CelType>([[node.iterVar, first]]);
    if (node.iterVar2 !== undefined) names.set(node.iterVar2, second);
    this.#scope = { names, outer: withAccu };
    this.#assert(node.condition, boolType);
    this.#assert(node.step, accu);
    this.#scope = withAccu;
    const type = this.#check(node.result);
    this.#scope = outer;
    return this.#substitution.apply(type, false);
  }

  #assert(node: Node, expected: CelType): void {
    const type = this.#check(node);
    if (!this.#substitution.isAssignable(expected, type)) this.#mismatch(node.position, expected, type);
  }

  /** Types of the first and the second variable of a loop over a value of the type. */
  #iterationTypes(node: ComprehensionNode, range: CelType): [CelType, CelType] {
    const hasTwo = node.iterVar2 !== undefined;
    switch (range.kind) {
      case 'list':
        return hasTwo ? [intType, range.element] : [range.element, dynType];
      case 'map':
        return [range.key, range.value];
      case 'param':
        this.#substitution.isAssignable(dynType, range);
        return [dynType, dynType];
      default:
        if (isDynOrError(range)) return [dynType, dynType];
        this.#report(
          node.range.position,
          `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [errorType, errorType];
    }
  }
}

/** Annotates the tree; returns what is wrong with it. */
export function check(tree: Node, environment: CheckEnvironment): readonly Issue[] {
  const checker = new Checker(environment);
  checker.run(tree);
  return checker.issues;
}
