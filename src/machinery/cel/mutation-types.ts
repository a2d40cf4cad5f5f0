/**
 * The types that a MutatingAdmissionPolicy makes objects of: `Object{spec: Object.spec{…}}` for what is applied, and
 * `JSONPatch{op: 'add', path: '/a', value: 1}`.
 */
import type { CelField, CelTypeProvider } from './contract.ts';
import { fail } from './failure.ts';
import type { CelType } from './types.ts';
import { dynType, objectType, stringType } from './types.ts';
import { equals } from './equality.ts';
import { toJSON } from './to-json.ts';
import type { CelValue } from './values.ts';
import { CelMap, CelObject, isList, isPlainObject } from './values.ts';

export const mutationObjectType = objectType('Object');
export const jsonPatchType = objectType('JSONPatch');

/** An object that an expression made: the fields that it names, nothing else. */
export class MutationObject extends CelObject {
  readonly celType: CelType;
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, CelValue>;

  constructor(typeName: string, fields: ReadonlyMap<string, CelValue>) {
    super();
    this.typeName = typeName;
    this.celType = objectType(typeName);
    this.fields = fields;
  }

  override get(field: string): CelValue | undefined {
    return this.fields.get(field);
  }

  override equals(other: CelObject): boolean {
    if (!(other instanceof MutationObject) || other.typeName !== this.typeName) return false;
    if (other.fields.size !== this.fields.size) return false;
    for (const [name, value] of this.fields) {
      const counterpart = other.fields.get(name);
      if (counterpart === undefined || !equals(value, counterpart)) return false;
    }
    return true;
  }

  override toJSON(): Record<string, unknown> {
    return Object.fromEntries(Array.from(this.fields, ([name, value]) => [name, toJSON(value)]));
  }

  /** Objects whose type is not named for where they stand, in upstream's words. */
  typeProblems(): string[] {
    return problemsOf(this, [this.typeName]);
  }
}

function problemsOf(value: CelValue, path: readonly string[]): string[] {
  if (value instanceof MutationObject) {
    const wanted = path.join('.');
    const own =
      value.typeName === wanted
        ? []
        : [
            `unexpected type name "${value.typeName}", expected "${wanted}", which matches field name path from root Object type`,
          ];
    return [...own, ...Array.from(value.fields).flatMap(([name, field]) => problemsOf(field, [...path, name]))];
  }
  if (isList(value)) return value.flatMap((item) => problemsOf(item, path));
  if (value instanceof CelMap) return Array.from(value.entries()).flatMap(([, item]) => problemsOf(item, path));
  return isPlainObject(value)
    ? Object.values(value).flatMap((item) => (item === undefined ? [] : problemsOf(item, path)))
    : [];
}

const patchFields: Readonly<Record<string, CelField>> = {
  op: { type: stringType },
  path: { type: stringType },
  from: { type: stringType },
  value: { type: dynType },
};

function isObjectName(name: string): boolean {
  return name === 'Object' || name.startsWith('Object.');
}

function createPatch(fields: ReadonlyMap<string, CelValue>): MutationObject {
  for (const [name, value] of fields) {
    if (name !== 'value' && typeof value !== 'string') fail(`unexpected type for JSONPatchType '${name}' field`);
  }
  return new MutationObject('JSONPatch', fields);
}

/** Knows these types, and asks another provider about all others. */
export function mutationTypes(others?: CelTypeProvider): CelTypeProvider {
  return {
    hasType: (name) => name === 'JSONPatch' || isObjectName(name) || others?.hasType(name) === true,
    field(typeName, fieldName) {
      if (typeName === 'JSONPatch') return Object.hasOwn(patchFields, fieldName) ? patchFields[fieldName] : undefined;
      if (isObjectName(typeName)) return { type: dynType };
      return others?.field(typeName, fieldName);
    },
    create(typeName, fields) {
      if (typeName === 'JSONPatch') return createPatch(fields);
      if (isObjectName(typeName)) return new MutationObject(typeName, fields);
      return others?.create?.(typeName, fields) ?? fail(`unknown type: ${typeName}`);
    },
  };
}
