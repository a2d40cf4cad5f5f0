// Writes the resolved types as the compact table that src/api/schema/table.ts reads; the format is described there.
import type { EncodedAlias, EncodedTable, FieldDetails } from '../../src/api/schema/table.ts';
import { aliasFlags, fieldFlags, typeFlags } from '../../src/api/schema/table.ts';
import type { Alias, Field, ObjectType, Resolved, TypeNode } from './resolve.ts';
import type { GoPackage } from './packages.ts';

/** The table of the API groups, or that of the configuration groups, which refers to the former by name. */
export function encodeTable(resolved: Resolved, config: boolean): EncodedTable {
  const packages = resolved.packages.filter((pkg) => pkg.config === config);
  // The types of a package stand together, in the order of the packages.
  const own = packages.flatMap((pkg) => resolved.objects.filter((type) => type.pkg === pkg));
  const objectIndex = new Map(own.map((type, index) => [nameOf(type.pkg, type.goName), index]));

  const aliases: EncodedAlias[] = [];
  const aliasIndex = new Map<Alias, number>();
  const fields = new Interner<string>();
  const allDetails = new Interner<FieldDetails>();

  function aliasReference(alias: Alias): number {
    let index = aliasIndex.get(alias);
    if (index === undefined) {
      index = aliases.length;
      aliasIndex.set(alias, index);
      const entry: EncodedAlias = [`${alias.pkg.version}.${alias.goName}`, expression(alias.of)];
      aliases.push(entry);
      if (alias.values.length > 0 || alias.protobufMessage) entry.push([...alias.values]);
      if (alias.closed || alias.protobufMessage) {
        entry.push((alias.closed ? aliasFlags.closed : 0) | (alias.protobufMessage ? aliasFlags.protobufMessage : 0));
      }
    }
    return index;
  }

  function expression(type: TypeNode): string {
    switch (type.kind) {
      case 'list':
        return `[]${expression(type.of)}`;
      case 'map':
        return `{}${expression(type.of)}`;
      case 'alias':
        return `$${aliasReference(type.alias)}`;
      case 'object':
        return reference(nameOf(type.pkg, type.goName));
      case 'leaf': {
        // A leaf such as schemaOrBool carries the package whose JSONSchemaProps it may hold.
        const [leaf, path] = type.leaf.split(':');
        if (path === undefined || leaf === undefined) return type.leaf;
        if (leaf === 'json') return leaf;
        const owner = resolved.packages.find((pkg) => pkg.path === path);
        return owner === undefined ? leaf : `${leaf}:${reference(nameOf(owner, 'JSONSchemaProps'))}`;
      }
      default:
        return type satisfies never;
    }
  }

  function reference(name: string): string {
    const index = objectIndex.get(name);
    return index === undefined ? `@${name}` : `#${index}`;
  }

  function encodeField(field: Field): string {
    const { facts } = field;
    const flags =
      (field.pointer ? fieldFlags.pointer : 0) |
      (facts.omitEmpty === true ? fieldFlags.omitEmpty : 0) |
      (field.omitZero ? fieldFlags.omitZero : 0) |
      (isRequired(field) ? fieldFlags.required : 0);
    const details: FieldDetails = {
      ...(field.embedded.length > 0 && { embedded: [...field.embedded] }),
      ...(facts.listType !== undefined && { listType: facts.listType }),
      ...(facts.listMapKeys !== undefined && { listMapKeys: [...facts.listMapKeys] }),
      ...(facts.mapType !== undefined && { mapType: facts.mapType }),
      ...(facts.structType !== undefined && { structType: facts.structType }),
      ...(facts.patchStrategy !== undefined && { patchStrategy: facts.patchStrategy }),
      ...(facts.patchMergeKey !== undefined && { patchMergeKey: facts.patchMergeKey }),
      ...(field.default !== undefined && { default: field.default }),
      ...(facts.featureGate !== undefined && { featureGates: facts.featureGate.split(',') }),
      ...(facts.validation !== undefined && { validation: [...facts.validation] }),
    };
    const words: Array<string | number> = [field.name, expression(field.type), flags, field.protobuf];
    if (Object.keys(details).length > 0) words.push(allDetails.add(details));
    return words.join(' ');
  }

  const types = own.map((type: ObjectType): string => {
    const flags = (type.isKind ? typeFlags.kind : 0) | (type.atomic ? typeFlags.atomic : 0);
    const indexes = type.fields.map((field) => fields.add(encodeField(field)));
    return [type.goName, flags, ...indexes].join(' ');
  });
  return {
    packages: packages.map((pkg) => [
      pkg.openapi,
      pkg.version,
      [...pkg.groups],
      own.filter((type) => type.pkg === pkg).length,
    ]),
    aliases,
    details: allDetails.values,
    fields: fields.values,
    types,
  };
}

/** Whether OpenAPI lists the field as required: said so, or neither optional nor omitted when empty. */
export function isRequired({ facts }: Field): boolean {
  return facts.required === true || !(facts.optional === true || facts.omitEmpty === true);
}

function nameOf(pkg: GoPackage, goName: string): string {
  return `${pkg.openapi}.${goName}`;
}

/** Gives equal values one index. */
class Interner<T> {
  readonly values: T[] = [];
  readonly #indexes = new Map<string, number>();

  add(value: T): number {
    const text = JSON.stringify(value);
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.values.length;
      this.values.push(value);
      this.#indexes.set(text, index);
    }
    return index;
  }
}
