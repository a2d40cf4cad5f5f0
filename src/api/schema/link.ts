import type {
  FieldSchema,
  ListType,
  ObjectSchema,
  ObjectTypeSchema,
  ProtobufField,
  ScalarKind,
  TypeSchema,
} from './schema.ts';
import { aliasFlags, fieldFlags, typeFlags } from './table.ts';
import type { EncodedAlias, EncodedTable, FieldDetails } from './table.ts';

/** Go's names of the scalar types that are not called as their kind. */
const goTypes: Readonly<Record<string, string>> = {
  bytes: '[]uint8',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  rawExtension: 'runtime.RawExtension',
  fieldsV1: 'v1.FieldsV1',
  json: 'interface {}',
  schemaOrArray: 'v1.JSONSchemaPropsOrArray',
  schemaOrBool: 'v1.JSONSchemaPropsOrBool',
  schemaOrStringArray: 'v1.JSONSchemaPropsOrStringArray',
};

interface Package {
  readonly openapi: string;
  readonly version: string;
  readonly groups: readonly string[];
  /** Its types have the indexes from `first` up to `end`. */
  readonly first: number;
  readonly end: number;
  /** Go name to index of a type; made when a type of the package is first asked for. */
  indexes: Map<string, number> | undefined;
}

/** One generated table; links each type when it is first asked for. */
export class SchemaTable {
  readonly #table: EncodedTable;
  /** Finds types of the other table. */
  readonly #external: (name: string) => ObjectSchema | undefined;
  readonly #packages = new Map<string, Package>();
  readonly #prefixes = new Map<string, string[]>();
  readonly #schemas: Array<LinkedObject | undefined>;
  readonly #fields: Array<FieldSchema | undefined>;
  readonly #types = new Map<string, TypeSchema>();

  constructor(table: EncodedTable, external: (name: string) => ObjectSchema | undefined) {
    this.#table = table;
    this.#external = external;
    this.#schemas = Array.from({ length: table.types.length });
    this.#fields = Array.from({ length: table.fields.length });
    let first = 0;
    for (const [openapi, version, groups, count] of table.packages) {
      this.#packages.set(openapi, { openapi, version, groups, first, end: (first += count), indexes: undefined });
      for (const group of groups) {
        const key = `${group}/${version}`;
        const prefixes = this.#prefixes.get(key);
        if (prefixes === undefined) this.#prefixes.set(key, [openapi]);
        else prefixes.push(openapi);
      }
    }
  }

  schema(name: string): ObjectSchema | undefined {
    const dot = name.lastIndexOf('.');
    const pkg = this.#packages.get(name.slice(0, dot));
    if (pkg === undefined) return undefined;
    pkg.indexes ??= new Map(this.#lines(pkg).map(({ line, index }) => [line.slice(0, line.indexOf(' ')), index]));
    const index = pkg.indexes.get(name.slice(dot + 1));
    return index === undefined ? undefined : this.at(index);
  }

  #lines({ first, end }: Package): Array<{ line: string; index: number }> {
    return this.#table.types.slice(first, end).map((line, offset) => ({ line, index: first + offset }));
  }

  kind(group: string, version: string, kind: string): ObjectSchema | undefined {
    for (const prefix of this.#prefixes.get(`${group}/${version}`) ?? []) {
      const schema = this.schema(`${prefix}.${kind}`);
      if (schema?.isKind === true) return schema;
    }
    return undefined;
  }

  all(): ObjectSchema[] {
    return this.#table.types.map((_, index) => this.at(index));
  }

  kinds(): Array<{ group: string; version: string; kind: string }> {
    return [...this.#packages.values()].flatMap((pkg) =>
      this.#lines(pkg).flatMap(({ line }) => {
        const [kind = '', flags] = line.split(' ', 2);
        if ((Number(flags) & typeFlags.kind) === 0) return [];
        return pkg.groups.map((group) => ({ group, version: pkg.version, kind }));
      }),
    );
  }

  at(index: number): ObjectSchema {
    let schema = this.#schemas[index];
    if (schema === undefined) {
      const line = this.#table.types[index];
      if (line === undefined) throw new RangeError(`the schema table has no type ${index}`);
      const [goName, flags, ...fields] = line.split(' ');
      const { openapi, version } = this.#packageOf(index);
      schema = new LinkedObject(`${openapi}.${goName}`, `${version}.${goName}`, Number(flags), () =>
        fields.map((field) => this.#field(Number(field))),
      );
      this.#schemas[index] = schema;
    }
    return schema;
  }

  #packageOf(index: number): Package {
    for (const pkg of this.#packages.values()) if (index < pkg.end) return pkg;
    throw new RangeError(`the schema table has no type ${index}`);
  }

  #field(index: number): FieldSchema {
    let field = this.#fields[index];
    if (field === undefined) {
      const line = this.#table.fields[index];
      if (line === undefined) throw new RangeError(`the schema table has no field ${index}`);
      const [name = '', expression = '', flagsWord, number, detailsIndex] = line.split(' ');
      const flags = Number(flagsWord);
      const details: FieldDetails = detailsIndex === undefined ? {} : (this.#table.details[Number(detailsIndex)] ?? {});
      const type = this.#type(expression);
      field = {
        name,
        type,
        pointer: (flags & fieldFlags.pointer) !== 0,
        omitEmpty: (flags & fieldFlags.omitEmpty) !== 0,
        omitZero: (flags & fieldFlags.omitZero) !== 0,
        required: (flags & fieldFlags.required) !== 0,
        protobuf:
          number === '0'
            ? undefined
            : { number: Number(number), embedded: details.embedded ?? [], wireType: wireType(type) },
        patchStrategies: details.patchStrategy?.split(',') ?? [],
        patchMergeKey: details.patchMergeKey,
        listType: details.listType as ListType | undefined,
        listMapKeys: details.listMapKeys ?? [],
        mapType: details.mapType as FieldSchema['mapType'],
        structType: details.structType as FieldSchema['structType'],
        default: details.default,
        featureGates: details.featureGates ?? [],
        validation: details.validation ?? [],
      };
      this.#fields[index] = field;
    }
    return field;
  }

  #type(expression: string): TypeSchema {
    let type = this.#types.get(expression);
    if (type === undefined) {
      type = this.#link(expression);
      this.#types.set(expression, type);
    }
    return type;
  }

  #link(expression: string): TypeSchema {
    if (expression.startsWith('[]')) {
      const of = this.#type(expression.slice(2));
      return { kind: 'list', goType: `[]${of.goType}`, of, protobufMessage: false };
    }
    if (expression.startsWith('{}')) {
      const of = this.#type(expression.slice(2));
      return { kind: 'map', goType: `map[string]${of.goType}`, of };
    }
    const rest = expression.slice(1);
    if (expression.startsWith('$')) {
      const alias = this.#table.aliases[Number(rest)];
      if (alias === undefined) throw new RangeError(`the schema table has no alias ${rest}`);
      return this.#alias(alias);
    }
    if (expression.startsWith('#') || expression.startsWith('@')) {
      const schema = this.#object(expression);
      return new LinkedObjectType(() => schema());
    }
    const [kind = '', reference] = expression.split(':');
    const goType = goTypes[kind] ?? kind;
    if (reference !== undefined) {
      const schema = this.#object(reference);
      return new LinkedUnion(kind as LinkedUnion['kind'], goType, schema);
    }
    return kind === 'string' ? plainString : { kind: kind as ScalarKind, goType };
  }

  #alias([goType, expression, values = [], flags = 0]: EncodedAlias): TypeSchema {
    const of = this.#type(expression);
    switch (of.kind) {
      case 'string':
        return { kind: 'string', goType, values, closed: (flags & aliasFlags.closed) !== 0 };
      case 'list':
        return { ...of, goType, protobufMessage: (flags & aliasFlags.protobufMessage) !== 0 };
      case 'map':
        return { ...of, goType };
      case 'object':
        return of;
      default:
        return { ...of, goType };
    }
  }

  #object(reference: string): () => ObjectSchema {
    const rest = reference.slice(1);
    if (reference.startsWith('#')) return () => this.at(Number(rest));
    return () => {
      const schema = this.#external(rest);
      if (schema === undefined) throw new RangeError(`the schema tables have no type ${rest}`);
      return schema;
    };
  }
}

const plainString: TypeSchema = { kind: 'string', goType: 'string', values: [], closed: false };

class LinkedObject implements ObjectSchema {
  readonly name: string;
  readonly goName: string;
  readonly goType: string;
  readonly isKind: boolean;
  readonly atomic: boolean;
  readonly #link: () => FieldSchema[];
  #fields: readonly FieldSchema[] | undefined;
  #byName: ReadonlyMap<string, FieldSchema> | undefined;

  constructor(name: string, goType: string, flags: number, link: () => FieldSchema[]) {
    this.name = name;
    this.goType = goType;
    this.goName = goType.slice(goType.indexOf('.') + 1);
    this.isKind = (flags & typeFlags.kind) !== 0;
    this.atomic = (flags & typeFlags.atomic) !== 0;
    this.#link = link;
  }

  get fields(): readonly FieldSchema[] {
    this.#fields ??= this.#link();
    return this.#fields;
  }

  field(name: string): FieldSchema | undefined {
    this.#byName ??= new Map(this.fields.map((field) => [field.name, field]));
    return this.#byName.get(name);
  }
}

class LinkedObjectType implements ObjectTypeSchema {
  readonly kind = 'object';
  readonly #link: () => ObjectSchema;
  #schema: ObjectSchema | undefined;

  constructor(link: () => ObjectSchema) {
    this.#link = link;
  }
  get schema(): ObjectSchema {
    this.#schema ??= this.#link();
    return this.#schema;
  }
  get goType(): string {
    return this.schema.goType;
  }
}

class LinkedUnion {
  readonly kind: 'schemaOrArray' | 'schemaOrBool' | 'schemaOrStringArray';
  readonly goType: string;
  readonly #link: () => ObjectSchema;

  constructor(kind: LinkedUnion['kind'], goType: string, link: () => ObjectSchema) {
    this.kind = kind;
    this.goType = goType;
    this.#link = link;
  }
  get schema(): ObjectSchema {
    return this.#link();
  }
}

/** Go's type decides, not the struct tag, which upstream's generator ignores. */
function wireType(type: TypeSchema): ProtobufField['wireType'] {
  switch (type.kind) {
    case 'bool':
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return 0;
    case 'float64':
      return 1;
    case 'float32':
      return 5;
    case 'list':
      return type.protobufMessage ? 2 : wireType(type.of);
    default:
      return 2;
  }
}
