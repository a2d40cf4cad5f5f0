import type { ScalarKind } from '../../api/schema/schema.ts';
import type { Json } from './json.ts';

/** Swagger 2.0 or OpenAPI 3.0. */
export type Dialect = 'v2' | 'v3';

/** A type with one value on the wire that documents name and define, because Go gives it a form of its own. */
export interface LeafSchema {
  readonly name: string;
  readonly description: string;
  readonly form: Readonly<Record<Dialect, Readonly<Record<string, Json>>>>;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const apiextensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

function alike(name: string, description: string, form: Readonly<Record<string, Json>>): LeafSchema {
  return { name, description, form: { v2: form, v3: form } };
}

/** The leaf schemas by the kinds of the schema table that they stand for. */
export const leafSchemas: Readonly<Partial<Record<ScalarKind | UnionKind, LeafSchema>>> = {
  time: alike(`${meta}.Time`, 'A moment in RFC 3339 with seconds, such as 2006-01-02T15:04:05Z.', {
    type: 'string',
    format: 'date-time',
  }),
  microTime: alike(
    `${meta}.MicroTime`,
    'A moment in RFC 3339 with microseconds, such as 2006-01-02T15:04:05.000000Z.',
    {
      type: 'string',
      format: 'date-time',
    },
  ),
  duration: alike(`${meta}.Duration`, 'A duration as Go prints it, such as 1h30m0s.', { type: 'string' }),
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    description:
      'An amount: a decimal number with an optional suffix, either of powers of 1024 (Ki, Mi, Gi, Ti, Pi, Ei) or of ' +
      '1000 (n, u, m, k, M, G, T, P, E) or an exponent (e3).',
    form: { v2: { type: 'string' }, v3: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
  },
  intOrString: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    description: 'A whole number, or a string such as a port name or a percentage.',
    form: {
      v2: { type: 'string', format: 'int-or-string' },
      v3: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
    },
  },
  rawExtension: alike('io.k8s.apimachinery.pkg.runtime.RawExtension', 'An object of any kind, kept as it was given.', {
    type: 'object',
  }),
  fieldsV1: alike(
    `${meta}.FieldsV1`,
    'A set of fields: nested maps whose keys are f:<field>, k:<keys of a list item>, v:<value>, i:<index>, or a dot.',
    { type: 'object' },
  ),
  json: alike(`${apiextensions}.JSON`, 'Any JSON value.', {}),
  schemaOrArray: alike(`${apiextensions}.JSONSchemaPropsOrArray`, 'A JSON schema, or a list of them.', {}),
  schemaOrBool: alike(`${apiextensions}.JSONSchemaPropsOrBool`, 'A JSON schema, or a boolean.', {}),
  schemaOrStringArray: alike(
    `${apiextensions}.JSONSchemaPropsOrStringArray`,
    'A JSON schema, or a list of property names.',
    {},
  ),
};

type UnionKind = 'schemaOrArray' | 'schemaOrBool' | 'schemaOrStringArray';

/** The body of a PATCH. */
export const patchLeaf = alike(`${meta}.Patch`, 'A patch, in the form that the content type names.', {
  type: 'object',
});

/** The types of scalars that documents spell out where they are used. */
export const inlineForms: Readonly<Partial<Record<ScalarKind, Readonly<Record<string, Json>>>>> = {
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  uint32: { type: 'integer', format: 'int64' },
  uint64: { type: 'integer', format: 'int64' },
  float32: { type: 'number', format: 'float' },
  float64: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};
