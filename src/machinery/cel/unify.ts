/** Which type goes where another is expected; type variables are bound on the way. */
import type { CelType } from './types.ts';
import { dynType, listType, mapType, opaqueType, sameType, typeTypeOf } from './types.ts';

export function isDyn(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'any';
}

export function isDynOrError(type: CelType): boolean {
  return isDyn(type) || type.kind === 'error';
}

/** Whether the first type is the second one or says less about a value. */
function isEqualOrLessSpecific(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === 'param') return true;
  if (isDyn(b) || b.kind === 'param') return false;
  if (a.kind === 'list' && b.kind === 'list') return isEqualOrLessSpecific(a.element, b.element);
  if (a.kind === 'map' && b.kind === 'map') {
    return isEqualOrLessSpecific(a.key, b.key) && isEqualOrLessSpecific(a.value, b.value);
  }
  if (a.kind === 'opaque' && b.kind === 'opaque') {
    return (
      a.name === b.name &&
      a.parameters.length === b.parameters.length &&
      a.parameters.every((parameter, index) => isEqualOrLessSpecific(parameter, b.parameters[index] ?? dynType))
    );
  }
  if (a.kind === 'type') return b.kind === 'type';
  return sameType(a, b);
}

/** The more general of two types that go together. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return isEqualOrLessSpecific(a, b) ? a : b;
}

const nullable = new Set<CelType['kind']>(['object', 'opaque', 'null', 'timestamp', 'duration', 'wrapper']);
const primitive = new Set<CelType['kind']>(['bool', 'int', 'uint', 'double', 'string', 'bytes']);

/** What type variables stand for. */
export class Substitution {
  readonly #bound = new Map<string, CelType>();
  /** What was bound before, latest last, so that a failed attempt leaves no trace. */
  readonly #trail: (readonly [name: string, before: CelType | undefined])[] = [];
  #lastVariable = 0;

  /** A variable that stands for nothing yet. */
  fresh(): CelType {
    return { kind: 'param', name: `_var${this.#lastVariable++}` };
  }

  #bind(name: string, type: CelType): void {
    this.#trail.push([name, this.#bound.get(name)]);
    this.#bound.set(name, type);
  }

  /** Whether values of `from` may stand where each of `to` is expected; binds variables only when all may. */
  areAssignable(from: readonly CelType[], to: readonly CelType[]): boolean {
    if (from.length !== to.length) return false;
    const mark = this.#trail.length;
    for (let index = 0; index < from.length; index++) {
      const [a, b] = [from[index], to[index]];
      if (a === undefined || b === undefined || !this.#assign(a, b)) {
        this.#undo(mark);
        return false;
      }
    }
    return true;
  }

  isAssignable(from: CelType, to: CelType): boolean {
    const mark = this.#trail.length;
    if (this.#assign(from, to)) return true;
    this.#undo(mark);
    return false;
  }

  #undo(mark: number): void {
    while (this.#trail.length > mark) {
      const [name, before] = this.#trail.pop() ?? ['', undefined];
      if (before === undefined) this.#bound.delete(name);
      else this.#bound.set(name, before);
    }
  }

  #assign(a: CelType, b: CelType): boolean {
    if (a === b || (a.kind === 'param' && b.kind === 'param' && a.name === b.name)) return true;
    if (b.kind === 'param') {
      const found = this.#substitute(a, b.name);
      if (found !== 'unbound') return found === 'yes';
    }
    if (a.kind === 'param') return this.#substitute(b, a.name) === 'yes';
    if (isDynOrError(a) || isDynOrError(b)) return true;
    if (a.kind === 'null') return nullable.has(b.kind);
    if (primitive.has(a.kind)) return b.kind === a.kind || (b.kind === 'wrapper' && b.of.kind === a.kind);
    if (a.kind === 'wrapper') return this.#assign(a.of, b);
    if (a.kind !== b.kind) return false;
    return this.#assignSameKind(a, b);
  }

  #assignSameKind(a: CelType, b: CelType): boolean {
    if (a.kind === 'list' && b.kind === 'list') return this.#assign(a.element, b.element);
    if (a.kind === 'map' && b.kind === 'map') return this.#assign(a.key, b.key) && this.#assign(a.value, b.value);
    if (a.kind === 'object' && b.kind === 'object') return a.name === b.name;
    if (a.kind === 'opaque' && b.kind === 'opaque') {
      return (
        a.name === b.name &&
        a.parameters.length === b.parameters.length &&
        a.parameters.every((parameter, index) => this.#assign(parameter, b.parameters[index] ?? dynType))
      );
    }
    return true;
  }

  /** Whether a variable can stand for a type; `unbound` when only the other direction is left to try. */
  #substitute(type: CelType, name: string): 'yes' | 'no' | 'unbound' {
    const bound = this.#bound.get(name);
    if (bound !== undefined) {
      if (sameType(type, bound)) return 'yes';
      if (!this.#assign(type, bound)) return 'no';
      this.#bind(name, mostGeneral(type, bound));
      return 'yes';
    }
    if (this.#occurs(name, type)) return 'unbound';
    this.#bind(name, type);
    return 'yes';
  }

  #occurs(name: string, type: CelType): boolean {
    switch (type.kind) {
      case 'param': {
        if (type.name === name) return true;
        const bound = this.#bound.get(type.name);
        return bound !== undefined && this.#occurs(name, bound);
      }
      case 'list':
        return this.#occurs(name, type.element);
      case 'map':
        return this.#occurs(name, type.key) || this.#occurs(name, type.value);
      case 'opaque':
        return type.parameters.some((parameter) => this.#occurs(name, parameter));
      default:
        return false;
    }
  }

  /** The type with bound variables replaced; those that are not bound become dyn when asked for. */
  apply(type: CelType, unboundToDyn: boolean): CelType {
    switch (type.kind) {
      case 'param': {
        const bound = this.#bound.get(type.name);
        if (bound !== undefined) return this.apply(bound, unboundToDyn);
        return unboundToDyn ? dynType : type;
      }
      case 'list': {
        const element = this.apply(type.element, unboundToDyn);
        return element === type.element ? type : listType(element);
      }
      case 'map': {
        const key = this.apply(type.key, unboundToDyn);
        const value = this.apply(type.value, unboundToDyn);
        return key === type.key && value === type.value ? type : mapType(key, value);
      }
      case 'opaque':
        if (type.parameters.length === 0) return type;
        return opaqueType(type.name, ...type.parameters.map((parameter) => this.apply(parameter, unboundToDyn)));
      case 'type':
        return type.of === undefined ? type : typeTypeOf(this.apply(type.of, unboundToDyn));
      default:
        return type;
    }
  }
}

/** A copy of types with their variables renamed to fresh ones, so that each use of a function has its own. */
export function instantiate(types: readonly CelType[], substitution: Substitution): CelType[] {
  const names = new Map<string, CelType>();
  const rename = (type: CelType): CelType => {
    switch (type.kind) {
      case 'param': {
        const known = names.get(type.name);
        if (known !== undefined) return known;
        const fresh = substitution.fresh();
        names.set(type.name, fresh);
        return fresh;
      }
      case 'list':
        return listType(rename(type.element));
      case 'map':
        return mapType(rename(type.key), rename(type.value));
      case 'opaque':
        return type.parameters.length === 0 ? type : opaqueType(type.name, ...type.parameters.map(rename));
      case 'type':
        return type.of === undefined ? type : typeTypeOf(rename(type.of));
      default:
        return type;
    }
  };
  return types.map(rename);
}

export function isGeneric(type: CelType): boolean {
  switch (type.kind) {
    case 'param':
      return true;
    case 'list':
      return isGeneric(type.element);
    case 'map':
      return isGeneric(type.key) || isGeneric(type.value);
    case 'opaque':
      return type.parameters.some(isGeneric);
    case 'type':
      return type.of !== undefined && isGeneric(type.of);
    default:
      return false;
  }
}
