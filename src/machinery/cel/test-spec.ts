/** Reads the specification's tests, which are protobuf messages as JSON. */
import { Buffer } from 'node:buffer';
import { readDuration, readTimestamp } from './moments.ts';
import type { CelType } from './types.ts';
import { dynType, listType, mapType, objectType, opaqueType, typeTypeOf, wrapperType } from './types.ts';
import type { CelValue } from './values.ts';
import { CelMap, doubleOf, narrow, TypeValue, Uint } from './values.ts';

interface JSONObject {
  readonly [key: string]: unknown;
}

export interface SpecOriginal extends JSONObject {
  readonly name?: string;
  readonly expr: string;
  readonly container?: string;
  readonly value?: unknown;
  readonly evalError?: unknown;
  readonly typeEnv?: unknown;
  readonly bindings?: unknown;
  readonly checkOnly?: unknown;
  readonly disableCheck?: unknown;
}

export interface SpecCase {
  readonly original: SpecOriginal;
  readonly type?: string;
  readonly error?: string;
}

export interface SpecSuite {
  readonly name: string;
  readonly suites?: readonly SpecSuite[];
  readonly tests?: readonly SpecCase[];
}

function object(value: unknown): JSONObject {
  return typeof value === 'object' && value !== null ? (value as JSONObject) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value that a test expects, or binds to a variable. */
export function expectedValue(json: unknown): CelValue {
  const [kind = '', value] = Object.entries(object(json))[0] ?? [];
  switch (kind) {
    case 'int64Value':
      return narrow(BigInt(String(value)));
    case 'uint64Value':
      return new Uint(BigInt(String(value)));
    case 'doubleValue':
      return doubleOf(Number(value));
    case 'stringValue':
      return String(value);
    case 'boolValue':
      return value === true;
    case 'bytesValue':
      return Uint8Array.from(Buffer.from(String(value), 'base64'));
    case 'nullValue':
      return null;
    case 'typeValue':
      return new TypeValue(String(value));
    case 'listValue':
      return list(object(value)['values']).map(expectedValue);
    case 'mapValue': {
      const map = new CelMap();
      for (const entry of list(object(value)['entries'])) {
        map.add(expectedValue(object(entry)['key']), expectedValue(object(entry)['value']));
      }
      return map;
    }
    case 'objectValue': {
      const message = object(value);
      const text = String(message['value']);
      const read = String(message['@type']).endsWith('Duration') ? readDuration(text) : readTimestamp(text);
      if (read !== undefined) return read;
      break;
    }
    default:
      break;
  }
  throw new TypeError(`no value: ${JSON.stringify(json)}`);
}

function typeOf(json: unknown): CelType {
  const [kind = '', value] = Object.entries(object(json))[0] ?? [];
  const name = String(value).toLowerCase();
  switch (kind) {
    case 'primitive':
      return { kind: name === 'int64' ? 'int' : name === 'uint64' ? 'uint' : (name as 'bool') };
    case 'wrapper':
      return wrapperType(typeOf({ primitive: value }));
    case 'wellKnown':
      return { kind: name as 'any' };
    case 'null':
      return { kind: 'null' };
    case 'dyn':
      return dynType;
    case 'listType':
      return listType(typeOf(object(value)['elemType']));
    case 'mapType':
      return mapType(typeOf(object(value)['keyType']), typeOf(object(value)['valueType']));
    case 'messageType':
      return objectType(String(value));
    case 'type':
      return typeTypeOf(typeOf(value));
    case 'abstractType':
      return opaqueType(String(object(value)['name']), ...list(object(value)['parameterTypes']).map(typeOf));
    default:
      throw new TypeError(`no type: ${JSON.stringify(json)}`);
  }
}

export function variablesOf({ typeEnv }: SpecOriginal): Record<string, CelType> {
  const variables: Record<string, CelType> = {};
  for (const declaration of list(typeEnv)) {
    const { name, ident } = object(declaration);
    if (ident !== undefined) variables[String(name)] = typeOf(object(ident)['type']);
  }
  return variables;
}

export function bindingsOf({ bindings }: SpecOriginal): Record<string, CelValue> {
  const values: Record<string, CelValue> = {};
  for (const [name, bound] of Object.entries(object(bindings))) values[name] = expectedValue(object(bound)['value']);
  return values;
}

/** What a test expects; true when it does not say. */
export function wantedValue({ value, typedResult }: SpecOriginal): CelValue {
  const wanted = value ?? object(typedResult)['result'];
  return wanted === undefined ? true : expectedValue(wanted);
}

/** Sections that do not apply, with the reason. */
const excludedSections: Readonly<Record<string, string>> = {
  '/block_ext': 'Kubernetes has no cel.block',
  '/encoders_ext': 'Kubernetes has no base64',
  '/math_ext': 'Kubernetes has no math functions',
  '/enums': 'Kubernetes has no enumerations',
  '/proto2': 'Kubernetes has no protobuf messages',
  '/proto2_ext': 'Kubernetes has no protobuf messages',
  '/proto3': 'Kubernetes has no protobuf messages',
  '/wrappers': 'Kubernetes has no protobuf messages',
  '/dynamic': 'Kubernetes has no protobuf messages',
  '/unknowns': 'unknown values are an option of partial evaluation',
};

/** Single tests that do not apply. */
const excludedExpressions: Readonly<Record<string, string>> = {
  'x.getMilliseconds()': 'cel-go, and so Kubernetes, returns all milliseconds of a duration',
  '[optional.of(1), null][0]': 'a list of different types, which Kubernetes does not allow',
};

/** Lists in texts, numbers of unusual size and names of infinity. */
const laterFormats =
  /"%\.?\d*[def]"\.format\(\[(?:double\("|dyn\(2|2\.7|1052)|"%s"\.format\(\[(?:\[|\{|dyn\(\[)|str_var\.format\(\[1052/;

const messages = /TestAllTypes|google\.protobuf|NestedTest|proto[23]|ENUM|GlobalEnum/;

export function exclusionOf(path: string, { original }: SpecCase): string | undefined {
  for (const [section, reason] of Object.entries(excludedSections)) {
    if (path === section || path.startsWith(`${section}/`)) return reason;
  }
  if (original.disableCheck === true) return 'Kubernetes always checks types';
  const text = JSON.stringify(original);
  if (messages.test(text.replaceAll(/google\.protobuf\.(Timestamp|Duration)/g, ''))) {
    return 'Kubernetes has no protobuf messages';
  }
  if (list(original.typeEnv).some((declaration) => object(declaration)['function'] !== undefined)) {
    return 'functions of a test';
  }
  if (path === '/string_ext/format' && laterFormats.test(original.expr)) {
    return 'version 4 of the strings extension formats otherwise; Kubernetes has version 2';
  }
  return excludedExpressions[original.expr];
}

/** Errors of the parser that are not compared, with the reason. */
export function parseExclusionOf(expression: string, error: string): string | undefined {
  if (/limit exceeded|max recursion/.test(error)) return 'the test sets other limits';
  if (/unsupported syntax '(\.|\[)?\?'/.test(error)) return 'Kubernetes has optional values';
  if (expression === '--') return 'ANTLR reports one mistake twice';
  if (expression.startsWith('func{{a')) return 'what ANTLR guesses after the first two mistakes';
  return undefined;
}

/** Whether an expression means something else in the environment of Kubernetes than in the tests'. */
export function hasOtherEnvironment(expression: string): boolean {
  return messages.test(expression) || /existsOne|transform|\b(?:sort|flatten|reverse|distinct)\b/.test(expression);
}
