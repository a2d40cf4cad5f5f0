/** For the tests of warnings: an object, and what is said of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject, ResourceDefinition } from '../contract.ts';
import { createdFrom, updatedFrom } from '../core/test-support.ts';

export function createWarnings(definition: ResourceDefinition, raw: object): string[] {
  return definition.warningsOnCreate?.(createdFrom<KubernetesObject>(definition, raw)) ?? [];
}

/** @param generation Of the new object; the old one has 1. */
export function updateWarnings(definition: ResourceDefinition, raw: object, old: object, generation = 1): string[] {
  const object = updatedFrom<KubernetesObject>(definition, raw, old);
  const before = createdFrom<KubernetesObject>(definition, old);
  object.metadata = { ...object.metadata, generation };
  before.metadata = { ...before.metadata, generation: 1 };
  return definition.warningsOnUpdate?.(object, before) ?? [];
}

/** A name for the case, the object, and every warning of its creation. */
export type Case = readonly [name: string, raw: object, ...warnings: string[]];

export function testWarnings(definition: ResourceDefinition, cases: readonly Case[]): void {
  for (const [name, raw, ...warnings] of cases) {
    test(`${definition.kind}: ${name}`, () => assert.deepEqual(createWarnings(definition, raw), warnings));
  }
}
