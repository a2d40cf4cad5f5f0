// Objects and requests for the tests of this folder.
import type * as fc from 'fast-check';
import { knownSchema } from '../known-schema.ts';
import { arbitraryObject } from '../schema/arbitrary.ts';
import { decode } from '../schema/decode.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import type { ManagedFieldsEntry } from '../types/meta.v1.ts';
import { applyObject, trackUpdate, type FieldManagement } from './field-manager.ts';
import { printedPaths, type FieldSet } from './field-set.ts';
import type { JsonMap } from './json.ts';
import { typeNodeOf } from './type-node.ts';
import { TypedError, validateTyped } from './validate.ts';
import type { WriteScope } from './write-scope.ts';

const metaSchema = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** A type that fields are owned in, alone. */
export function scopeOf(schema: ObjectSchema, apiVersion: string): WriteScope {
  return { apiVersion, node: typeNodeOf(schema), view: () => undefined, keep: () => undefined };
}

/** One object, as a server would keep it, and those who write it. Time passes with each write. */
export class TestObject {
  readonly schema: ObjectSchema;
  readonly scope: WriteScope;
  object: JsonMap;
  entries: ManagedFieldsEntry[] | undefined;
  #exists = false;
  #minute = 0;

  constructor(schemaName: string, apiVersion: string, scope: Partial<WriteScope> = {}) {
    this.schema = knownSchema(schemaName);
    this.scope = { ...scopeOf(this.schema, apiVersion), ...scope };
    this.object = this.#empty();
  }

  #empty(): JsonMap {
    return decode(this.schema, {});
  }

  #management(subresource: string): FieldManagement {
    const minute = String(++this.#minute).padStart(2, '0');
    return { scope: this.scope, subresource, time: `2026-01-01T00:${minute}:00Z` };
  }

  /** Creates or replaces. */
  write(manager: string, object: JsonMap, { subresource = '', sent }: WriteOptions = {}): void {
    const next = decode(this.schema, object);
    this.entries = trackUpdate(this.#management(subresource), {
      live: this.object,
      liveEntries: this.entries,
      creates: !this.#exists,
      object: next,
      sentEntries: sent,
      manager,
    });
    this.object = next;
    this.#exists = true;
  }

  /** Returns whether the object changed. */
  apply(manager: string, applied: JsonMap, { force = false } = {}): boolean {
    const { object, entries } = applyObject(
      this.#management(''),
      { live: this.object, liveEntries: this.entries, applied, manager, force },
      () => this.#empty(),
    );
    const changed = object !== this.object;
    this.object = decode(this.schema, object);
    this.entries = entries;
    this.#exists = true;
    return changed;
  }

  /** What managers own: `manager` → paths. */
  get owners(): Record<string, string[]> {
    return Object.fromEntries(
      (this.entries ?? []).map(({ manager = '', fieldsV1 }) => [manager, printedPaths(fieldsV1 as FieldSet)]),
    );
  }

  timeOf(manager: string): string | undefined {
    return this.entries?.find((entry) => entry.manager === manager)?.time;
  }
}

interface WriteOptions {
  readonly subresource?: string;
  readonly sent?: readonly ManagedFieldsEntry[];
}

export const deploymentSchema = 'io.k8s.api.apps.v1.Deployment';

export function newDeployment(): TestObject {
  return new TestObject(deploymentSchema, 'apps/v1');
}

export function newConfigMap(): TestObject {
  return new TestObject('io.k8s.api.core.v1.ConfigMap', 'v1');
}

/** Random objects of a type, none of which has two items of one name. */
export function applicable(schemaName: string, apiVersion: string): fc.Arbitrary<JsonMap> {
  const schema = knownSchema(schemaName);
  const kind = schema.goName;
  return arbitraryObject(schema, { depth: 5 })
    .map((object): JsonMap => {
      // Nobody owns the rest of the metadata.
      const { labels, annotations, finalizers, ownerReferences } = (object['metadata'] ?? {}) as JsonMap;
      const metadata = { name: 'a', namespace: 'b', labels, annotations, finalizers, ownerReferences };
      return { ...object, kind, apiVersion, metadata: decode(knownSchema(metaSchema), metadata) };
    })
    .filter((object) => {
      try {
        validateTyped(typeNodeOf(schema), object);
        return true;
      } catch (error) {
        if (error instanceof TypedError) return false;
        throw error;
      }
    });
}
