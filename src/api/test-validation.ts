/** For the tests of validation: an object with one thing wrong, and what is said of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject, ResourceDefinition } from './contract.ts';
import { context, objectOf } from './core/test-support.ts';

type Json = Readonly<Record<string, unknown>>;

/** Path of a field (`spec.ports.0.name`), the value it is given (undefined takes it away), and the errors, if any. */
export type Change = readonly [path: string, value: unknown, ...errors: string[]];

function set(object: unknown, keys: readonly string[], value: unknown): void {
  const [key = '', ...rest] = keys;
  const target = object as Record<string, unknown>;
  if (rest.length > 0) set((target[key] ??= {}), rest, value);
  else if (value === undefined) delete target[key];
  else target[key] = value;
}

function changed(raw: Json, path: string, value: unknown): Json {
  const copy = structuredClone(raw);
  if (path !== '') set(copy, path.split('.'), value);
  return copy;
}

function defaulted(definition: ResourceDefinition, raw: Json): KubernetesObject {
  const object = objectOf<KubernetesObject>(definition, raw);
  definition.defaults?.(object);
  return object;
}

function created(definition: ResourceDefinition, raw: Json): KubernetesObject {
  const object = defaulted(definition, raw);
  definition.prepareForCreate?.(object, context);
  return object;
}

/** What is said of the object when it is created. */
export function createErrors(definition: ResourceDefinition, raw: Json): string[] {
  return (definition.validate?.(created(definition, raw), context) ?? []).map(String);
}

/** What is said when `raw` replaces `old`. */
export function updateErrors(definition: ResourceDefinition, raw: Json, old: Json): string[] {
  const stored = created(definition, old);
  const object = defaulted(definition, raw);
  definition.prepareForUpdate?.(object, stored, context);
  const errors =
    definition.validateUpdate === undefined
      ? definition.validate?.(object, context)
      : definition.validateUpdate(object, stored, context);
  return (errors ?? []).map(String);
}

/** What is said when `raw` is written through the status subresource of `old`. */
export function statusErrors(definition: ResourceDefinition, raw: Json, old: Json): string[] {
  const status = definition.subresources['status'];
  if (status?.shape !== 'view') throw new Error(`${definition.plural} has no status`);
  const stored = created(definition, old);
  const merged = status.merge(created(definition, raw), structuredClone(stored), context);
  return (status.validate?.(merged, stored) ?? []).map(String);
}

function table(name: string, changes: readonly Change[], errorsOf: (path: string, value: unknown) => string[]): void {
  for (const [path, value, ...errors] of changes) {
    const shown = value === undefined ? 'absent' : (JSON.stringify(value) ?? '').slice(0, 60);
    test(`${name} with ${path || 'nothing'} ${shown}`, () => assert.deepEqual(errorsOf(path, value), errors));
  }
}

/** One test for each change of a valid object, which must itself be valid. */
export function testCreates(definition: ResourceDefinition, valid: Json, changes: readonly Change[]): void {
  test(`a valid ${definition.kind}`, () => assert.deepEqual(createErrors(definition, valid), []));
  table(`create ${definition.kind}`, changes, (path, value) => createErrors(definition, changed(valid, path, value)));
}

/** One test for each change that an update makes of a stored object. */
export function testUpdates(definition: ResourceDefinition, old: Json, changes: readonly Change[]): void {
  test(`the same ${definition.kind} again`, () => assert.deepEqual(updateErrors(definition, old, old), []));
  table(`update ${definition.kind}`, changes, (path, value) =>
    updateErrors(definition, changed(old, path, value), old),
  );
}

/** One test for each change that a write of the status makes. */
export function testStatuses(definition: ResourceDefinition, old: Json, changes: readonly Change[]): void {
  table(`status of ${definition.kind}`, changes, (path, value) =>
    statusErrors(definition, changed(old, path, value), old),
  );
}
