/** The types of CEL, as the checker sees them. */

export type SimpleKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'null'
  | 'timestamp'
  | 'duration'
  | 'dyn'
  | 'any'
  | 'error';

/** How lists of a schema compare and add up (`x-kubernetes-list-type`); types are the same with and without. */
export type ListSemantics =
  | { readonly kind: 'set' }
  /** The properties that tell elements apart. */
  | { readonly kind: 'map'; readonly keys: readonly string[] };

export type CelType =
  | { readonly kind: SimpleKind }
  | { readonly kind: 'list'; readonly element: CelType; readonly semantics?: ListSemantics }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  /** A type with fields, which a CelTypeProvider knows; or one with methods only (`kubernetes.Quantity`). */
  | { readonly kind: 'object'; readonly name: string }
  /** The type of a type. */
  | { readonly kind: 'type'; readonly of?: CelType }
  /** A primitive that may also be null. */
  | { readonly kind: 'wrapper'; readonly of: CelType }
  | { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly CelType[] }
  /** A type variable. */
  | { readonly kind: 'param'; readonly name: string };

export const boolType: CelType = { kind: 'bool' };
export const intType: CelType = { kind: 'int' };
export const uintType: CelType = { kind: 'uint' };
export const doubleType: CelType = { kind: 'double' };
export const stringType: CelType = { kind: 'string' };
export const bytesType: CelType = { kind: 'bytes' };
export const nullType: CelType = { kind: 'null' };
export const timestampType: CelType = { kind: 'timestamp' };
export const durationType: CelType = { kind: 'duration' };
export const dynType: CelType = { kind: 'dyn' };
export const anyType: CelType = { kind: 'any' };
/** What an expression with an error has; it goes with everything, so that one mistake is reported once. */
export const errorType: CelType = { kind: 'error' };
export const typeType: CelType = { kind: 'type' };

export function listType(element: CelType, semantics?: ListSemantics): CelType {
  return semantics === undefined ? { kind: 'list', element } : { kind: 'list', element, semantics };
}

export function mapType(key: CelType, value: CelType): CelType {
  return { kind: 'map', key, value };
}

export function objectType(name: string): CelType {
  return { kind: 'object', name };
}

export function wrapperType(of: CelType): CelType {
  return { kind: 'wrapper', of };
}

export function typeTypeOf(of: CelType): CelType {
  return { kind: 'type', of };
}

export function opaqueType(name: string, ...parameters: readonly CelType[]): CelType {
  return { kind: 'opaque', name, parameters };
}

export function paramType(name: string): CelType {
  return { kind: 'param', name };
}

export const optionalTypeName = 'optional_type';

export function optionalType(of: CelType): CelType {
  return opaqueType(optionalTypeName, of);
}

/** What an optional type wraps; undefined when the type is none. */
export function optionalOf(type: CelType): CelType | undefined {
  return type.kind === 'opaque' && type.name === optionalTypeName ? (type.parameters[0] ?? dynType) : undefined;
}

/** As messages show it: `map(string, list(int))`. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'object':
    case 'param':
      return type.name;
    case 'type':
      return type.of === undefined ? 'type' : `type(${formatType(type.of)})`;
    case 'wrapper':
      return `wrapper(${formatType(type.of)})`;
    case 'opaque':
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(', ')})`;
    case 'error':
      return '!error!';
    case 'timestamp':
    case 'duration':
    default:
      return type.kind;
  }
}

/** The name that `type(x)` has at run time: without parameters, well-known messages by their full name. */
export function runtimeTypeName(type: CelType): string {
  switch (type.kind) {
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'null':
      return 'null_type';
    case 'any':
      return 'google.protobuf.Any';
    case 'object':
    case 'opaque':
    case 'param':
      return type.name;
    case 'wrapper':
      return runtimeTypeName(type.of);
    default:
      return type.kind;
  }
}

export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'list':
      return b.kind === 'list' && sameType(a.element, b.element);
    case 'map':
      return b.kind === 'map' && sameType(a.key, b.key) && sameType(a.value, b.value);
    case 'object':
    case 'param':
      return b.kind === a.kind && a.name === b.name;
    case 'type':
      if (b.kind !== 'type') return false;
      return a.of === undefined || b.of === undefined ? a.of === b.of : sameType(a.of, b.of);
    case 'wrapper':
      return b.kind === 'wrapper' && sameType(a.of, b.of);
    case 'opaque':
      return (
        b.kind === 'opaque' &&
        a.name === b.name &&
        a.parameters.length === b.parameters.length &&
        a.parameters.every((parameter, index) => sameType(parameter, b.parameters[index] ?? dynType))
      );
    default:
      return a.kind === b.kind;
  }
}
