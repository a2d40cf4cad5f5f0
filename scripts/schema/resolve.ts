// From Go's declarations to types: names looked up across packages, inlined structs flattened in Go's order.
import type { Facts, FieldFacts, TypeFacts } from './facts.ts';
import { describePackage } from './packages.ts';
import type { GoPackage } from './packages.ts';
import { constants, omitZeroFields, protobufListMessages } from './supplement.ts';

export type TypeNode =
  | { readonly kind: 'leaf'; readonly leaf: string }
  | { readonly kind: 'alias'; readonly alias: Alias }
  | { readonly kind: 'object'; readonly pkg: GoPackage; readonly goName: string }
  | { readonly kind: 'list'; readonly of: TypeNode }
  | { readonly kind: 'map'; readonly of: TypeNode };

/** A named Go type over a scalar, slice or map. */
export interface Alias {
  readonly pkg: GoPackage;
  readonly goName: string;
  readonly of: TypeNode;
  readonly values: readonly string[];
  /** Only the declared values are valid. */
  readonly closed: boolean;
  readonly protobufMessage: boolean;
}

export interface Field {
  readonly facts: FieldFacts;
  readonly name: string;
  readonly type: TypeNode;
  readonly pointer: boolean;
  readonly omitZero: boolean;
  /** Protobuf number, 0 when the field is not in the protobuf message. */
  readonly protobuf: number;
  /** Numbers of the embedded messages that lead to the field: inlined structs are messages of their own. */
  readonly embedded: readonly number[];
  /** Parsed default; undefined when none is declared. */
  readonly default: unknown;
}

export interface ObjectType {
  readonly pkg: GoPackage;
  readonly goName: string;
  readonly fields: readonly Field[];
  /** It inlines TypeMeta: it can stand alone with `kind` and `apiVersion`. */
  readonly isKind: boolean;
  readonly atomic: boolean;
}

export interface Resolved {
  readonly packages: readonly GoPackage[];
  readonly objects: readonly ObjectType[];
  readonly aliases: readonly Alias[];
}

const metaPath = 'k8s.io/apimachinery/pkg/apis/meta/v1';

/** Go types that are not structs of fields on the wire, by qualified name. */
const leaves: Readonly<Record<string, string>> = {
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'intOrString',
  'runtime.RawExtension': 'rawExtension',
  'runtime.Unknown': 'rawExtension',
  'types.UID': 'string',
  'types.NodeName': 'string',
};
const metaLeaves: Readonly<Record<string, string>> = {
  Time: 'time',
  MicroTime: 'microTime',
  Duration: 'duration',
  FieldsV1: 'fieldsV1',
};
const apiextensionsLeaves: Readonly<Record<string, string>> = {
  JSON: 'json',
  JSONSchemaPropsOrArray: 'schemaOrArray',
  JSONSchemaPropsOrBool: 'schemaOrBool',
  JSONSchemaPropsOrStringArray: 'schemaOrStringArray',
};
const basic: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  uint32: 'uint32',
  uint64: 'uint64',
  float32: 'float32',
  float64: 'float64',
  any: 'json',
};

/** Packages that an import name stands for, besides `v1`, which depends on the importing package. */
const imports: Readonly<Record<string, string>> = {
  metav1: metaPath,
  corev1: 'k8s.io/api/core/v1',
  apiv1: 'k8s.io/api/core/v1',
  batchv1: 'k8s.io/api/batch/v1',
  authenticationv1: 'k8s.io/api/authentication/v1',
  authnv1: 'k8s.io/api/authentication/v1',
  authorizationv1: 'k8s.io/api/authorization/v1',
  logsapi: 'k8s.io/component-base/logs/api/v1',
  tracingapi: 'k8s.io/component-base/tracing/api/v1',
  componentbaseconfigv1alpha1: 'k8s.io/component-base/config/v1alpha1',
};

export function resolve(facts: Facts): Resolved {
  const packages = new Map(Object.keys(facts).map((path) => [path, describePackage(path)]));
  const aliases = new Map<string, Alias>();

  /** Where `prefix.name`, seen in package `from`, is declared. */
  function locate(from: string, prefix: string, name: string): { path: string; type: TypeFacts; name: string } {
    const siblingV1 = `${from.slice(0, from.lastIndexOf('/'))}/v1`;
    const candidates =
      prefix === ''
        ? // A name missing here is a Go alias of the stable version's type of the same name.
          [from, siblingV1]
        : prefix === 'v1'
          ? [siblingV1, 'k8s.io/api/core/v1', metaPath, 'k8s.io/api/authentication/v1'].filter((path) => path !== from)
          : [imports[prefix] ?? ''];
    for (const path of candidates) {
      const type = facts[path]?.[name];
      if (type !== undefined) return { path, type, name };
    }
    throw new Error(`${from}: cannot find ${prefix === '' ? name : `${prefix}.${name}`}: describe it in supplement.ts`);
  }

  function pkg(path: string): GoPackage {
    const found = packages.get(path);
    if (found === undefined) throw new Error(`unknown package ${path}`);
    return found;
  }

  function named(from: string, qualified: string): TypeNode {
    const [prefix, name] = qualified.includes('.') ? (qualified.split('.') as [string, string]) : ['', qualified];
    const leaf = leaves[qualified] ?? (prefix === '' ? basic[name] : undefined);
    if (leaf !== undefined) return { kind: 'leaf', leaf };
    const metaLeaf = metaLeaves[name];
    if (metaLeaf !== undefined && (prefix === 'metav1' || prefix === 'v1' || from === metaPath)) {
      return { kind: 'leaf', leaf: metaLeaf };
    }
    const { path, type } = locate(from, prefix, name);
    const schemaLeaf = path.includes('/apiextensions/') ? apiextensionsLeaves[name] : undefined;
    if (schemaLeaf !== undefined) return { kind: 'leaf', leaf: `${schemaLeaf}:${path}` };
    if (type.fields !== undefined || structAlias(path, type) !== undefined) {
      return { kind: 'object', pkg: pkg(path), goName: name };
    }
    const key = `${path}.${name}`;
    let alias = aliases.get(key);
    if (alias === undefined) {
      alias = {
        pkg: pkg(path),
        goName: name,
        of: parse(path, type.alias ?? ''),
        values: (type.values ?? []).filter((value) => value !== ''),
        closed: type.enum === true,
        protobufMessage: protobufListMessages.has(name),
      };
      aliases.set(key, alias);
    }
    return { kind: 'alias', alias };
  }

  function parse(from: string, goType: string): TypeNode {
    if (goType.startsWith('*')) return parse(from, goType.slice(1));
    if (goType === '[]byte') return { kind: 'leaf', leaf: 'bytes' };
    if (goType.startsWith('[]')) return { kind: 'list', of: parse(from, goType.slice(2)) };
    if (goType.startsWith('map[')) return { kind: 'map', of: parse(from, goType.slice(goType.indexOf(']') + 1)) };
    return named(from, goType);
  }

  /** The struct that a named type (`type MatchCondition v1.MatchCondition`) takes its fields from. */
  function structAlias(path: string, type: TypeFacts): { path: string; type: TypeFacts; name: string } | undefined {
    if (type.alias === undefined || !/^\w+\.[A-Z]\w*$/.test(type.alias)) return undefined;
    const [prefix, name] = type.alias.split('.') as [string, string];
    const target = locate(path, prefix, name);
    return target.type.fields === undefined ? undefined : target;
  }

  function defaultOf(facts: FieldFacts): unknown {
    if (facts.default === undefined) return undefined;
    const reference = /^ref\((.*)\)$/.exec(facts.default)?.[1];
    if (reference === undefined) return JSON.parse(facts.default) as unknown;
    const value = constants[reference];
    if (value === undefined) throw new Error(`default ref(${reference}): give its value in supplement.ts`);
    return value;
  }

  /** Fields with inlined structs put in their place; of two fields with one name the shallower one counts, as in Go. */
  function flatten(
    path: string,
    goName: string,
    type: TypeFacts,
    depth: number,
  ): Array<{ field: Field; depth: number }> {
    const out: Array<{ field: Field; depth: number }> = [];
    for (const each of type.fields ?? []) {
      if (each.inline === true) {
        const [prefix, name] = each.goType.includes('.')
          ? (each.goType.split('.') as [string, string])
          : ['', each.goType];
        const inner = locate(path, prefix, name);
        for (const nested of flatten(inner.path, inner.name, inner.type, depth + 1)) {
          const { field } = nested;
          out.push({
            depth: nested.depth,
            field: {
              ...field,
              // A struct inlined without a number, as TypeMeta is, has no place in the message.
              protobuf: each.protobuf === undefined ? 0 : field.protobuf,
              embedded: each.protobuf === undefined ? [] : [each.protobuf, ...field.embedded],
            },
          });
        }
        continue;
      }
      out.push({
        depth,
        field: {
          facts: each,
          name: each.name,
          type: parse(path, each.goType),
          pointer: each.goType.startsWith('*'),
          omitZero: each.omitZero === true || omitZeroFields.has(`${path}.${goName}.${each.name}`),
          protobuf: each.protobuf ?? 0,
          embedded: [],
          default: defaultOf(each),
        },
      });
    }
    return out;
  }

  const objects: ObjectType[] = [];
  for (const [path, types] of Object.entries(facts)) {
    for (const [goName, declared] of Object.entries(types)) {
      if (path === metaPath && metaLeaves[goName] !== undefined) continue;
      if (path.includes('/apiextensions/') && apiextensionsLeaves[goName] !== undefined) continue;
      const source = structAlias(path, declared) ?? { path, type: declared, name: goName };
      if (source.type.fields === undefined) {
        // Records the alias, also when no field has this type.
        named(path, goName);
        continue;
      }
      const all = flatten(source.path, source.name, source.type, 0);
      const fields = all.filter(
        ({ field, depth }) => !all.some((other) => other.field.name === field.name && other.depth < depth),
      );
      const typeMeta = source.type.fields.some((each) => each.inline === true && /\bTypeMeta$/.test(each.goType));
      objects.push({
        pkg: pkg(path),
        goName,
        fields: fields.map(({ field }) => field),
        isKind: typeMeta,
        atomic: declared.markers?.includes('structType=atomic') === true,
      });
    }
  }
  return { packages: [...packages.values()], objects, aliases: [...aliases.values()] };
}
