import { lookupSchema, lookupType, type ObjectSchema } from '../../api/schema/schema.ts';
import type { JsonMap } from './json.ts';
import { patchLeaf } from './leaf-schemas.ts';
import { operationId } from './operation-id.ts';
import type { Parameter } from './parameters.ts';
import type { PrintedKind, SchemaSet } from './schemas.ts';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';

/** Refers to a schema in a document's set, adding it there. */
export type SchemaUse = (set: SchemaSet) => JsonMap;

export interface RequestBody {
  readonly schema: SchemaUse;
  readonly required: boolean;
  readonly mediaTypes: readonly string[];
}

/** One operation of a path, alike for both dialects. */
export interface Operation {
  readonly method: Method;
  readonly id: string;
  readonly tag: string;
  readonly description: string;
  readonly action?: string;
  readonly kind?: PrintedKind;
  readonly parameters: readonly Parameter[];
  readonly body?: RequestBody;
  /** The codes of success, which all answer with the same schema. 401 is understood. */
  readonly codes: readonly (200 | 201 | 202)[];
  readonly answer: SchemaUse;
  readonly mediaTypes: readonly string[];
}

export interface PathItem {
  readonly path: string;
  /** Of all its operations. */
  readonly parameters: readonly Parameter[];
  readonly operations: readonly Operation[];
}

/** What the server reads and writes of objects. */
export const objectMediaTypes = ['application/json', 'application/yaml'];
export const streamMediaType = 'application/json;stream=watch';
export const patchMediaTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

export type OperationInput = Omit<Operation, 'id' | 'tag' | 'parameters' | 'codes' | 'mediaTypes'> &
  Partial<Pick<Operation, 'parameters' | 'codes' | 'mediaTypes'>>;

/** An operation whose identifier is made of a verb, the rest of its name, and the path. */
export function operation(verb: string, rest: string, path: string, input: OperationInput): Operation {
  return { parameters: [], codes: [200], mediaTypes: objectMediaTypes, ...input, ...operationId(verb, rest, path) };
}

export function uses(schema: ObjectSchema): SchemaUse {
  return (set) => set.refer(schema);
}

/** A kind of the schema table that this program needs. */
export function usesKind(group: string, version: string, kind: string): SchemaUse {
  const schema = lookupType(group, version, kind);
  if (schema === undefined) throw new Error(`the schema table has no ${group}/${version} ${kind}`);
  return uses(schema);
}

export function usesType(name: string): SchemaUse {
  const schema = lookupSchema(name);
  if (schema === undefined) throw new Error(`the schema table has no ${name}`);
  return uses(schema);
}

/** The body of a PATCH. */
export const patchBody: RequestBody = {
  schema: (set) => set.referLeaf(patchLeaf),
  required: true,
  mediaTypes: patchMediaTypes,
};

export const usesText: SchemaUse = () => ({ type: 'string' });

/** `text` with its first letter as a capital. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** ` a `, ` an `, or a space before a plural. */
export function article(noun: string): string {
  if (noun.endsWith('s') && !noun.endsWith('ss')) return ' ';
  return /^[aeiou]/i.test(noun) ? ' an ' : ' a ';
}
