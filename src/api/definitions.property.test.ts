import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { seededRandom, type Random } from '../machinery/random.ts';
import { StatusError } from '../machinery/status.ts';
import { builtinCatalog } from './catalog.ts';
import type { KubernetesObject, ResourceDefinition, StrategyContext, Subresource } from './contract.ts';
import { arbitraryObject } from './schema/arbitrary.ts';
import { decode } from './schema/decode.ts';

const context: StrategyContext = { nowMs: Date.UTC(2026, 0, 2), user: { username: 'u', groups: ['g'] } };

/** Takes structures and lists away at random, also those that decoding always sets. */
function pruned(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return value.map((item) => pruned(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const left = Object.entries(value).filter(([, field]) => typeof field !== 'object' || random.int(4) !== 0);
  return Object.fromEntries(left.map(([key, field]) => [key, pruned(field, random)]));
}

function arbitrarySparse(definition: ResourceDefinition): fc.Arbitrary<KubernetesObject> {
  return fc
    .tuple(arbitraryObject(definition.schema), fc.noShrink(fc.nat()), fc.boolean())
    .map(([object, seed, isPruned]) => (isPruned ? pruned(object, seededRandom(seed)) : object) as KubernetesObject);
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const field of Object.values(value)) frozen(field);
  }
  return value;
}

/** Calls `check` for each definition with random objects. */
function forEveryDefinition(
  check: (definition: ResourceDefinition, object: KubernetesObject, other: KubernetesObject) => void,
): void {
  for (const definition of builtinCatalog().definitions) {
    fc.assert(
      fc.property(arbitrarySparse(definition), arbitrarySparse(definition), (object, other) =>
        check(definition, structuredClone(object), structuredClone(other)),
      ),
      { numRuns: 30, reporter: (details) => report(definition, details) },
    );
  }
}

function report(definition: ResourceDefinition, details: fc.RunDetails<[KubernetesObject, KubernetesObject]>): void {
  if (!details.failed) return;
  const found = JSON.stringify(details.counterexample);
  throw new Error(`${definition.group}/${definition.plural} with ${found} (seed ${details.seed})`, {
    cause: details.errorInstance,
  });
}

/** The hooks write what decoding would: known fields with values of their types, in canonical form. */
function checkForm(definition: ResourceDefinition, object: KubernetesObject): void {
  const { schema, plural } = definition;
  const plain: unknown = JSON.parse(JSON.stringify(object));
  const decoded = decode(schema, plain, { unknownFields: (path) => assert.fail(`${plural} has no ${path}`) });
  assert.deepEqual(JSON.parse(JSON.stringify(decode(schema, decoded))), JSON.parse(JSON.stringify(decoded)));
}

test('defaults hold for any object, and are complete after one pass', () => {
  forEveryDefinition((definition, object) => {
    definition.defaults?.(object);
    checkForm(definition, object);
    const once = structuredClone(object);
    definition.defaults?.(object);
    assert.deepEqual(object, once);
  });
});

test('strategies take any object, and leave the old one as it is', () => {
  forEveryDefinition((definition, object, other) => {
    const old = frozen(structuredClone(other));
    definition.prepareForCreate?.(other, context);
    checkForm(definition, other);
    definition.prepareForUpdate?.(object, old, context);
    checkForm(definition, object);
    assert.equal(typeof (definition.generationChanges?.(object, old) ?? false), 'boolean');
    definition.validateUpdate?.(object, old, context);
    definition.validate?.(object, context);
  });
});

test('what a deletion asks of any object', () => {
  forEveryDefinition((definition, object) => {
    assert.equal(typeof (definition.holdsDeletion?.(object) ?? false), 'boolean');
    for (const requested of [undefined, 0, 30, -1]) {
      const seconds = definition.gracePeriodSeconds?.(object, requested) ?? 0;
      assert.ok(Number.isInteger(seconds) && seconds >= 0);
    }
    definition.prepareForDelete?.(object);
    checkForm(definition, object);
  });
});

test('columns and selectable fields of any object have values of their types', () => {
  forEveryDefinition((definition, object) => {
    frozen(object);
    for (const { name, cell } of definition.columns ?? []) {
      const value = cell(object, { nowMs: context.nowMs });
      assert.ok(value === null || ['string', 'number', 'boolean'].includes(typeof value), name);
    }
    for (const [label, read] of Object.entries(definition.selectableFields)) {
      assert.equal(typeof read(object), 'string', label);
    }
  });
});

function checkSubresource(
  definition: ResourceDefinition,
  subresource: Subresource<KubernetesObject>,
  object: KubernetesObject,
  stored: KubernetesObject,
): void {
  switch (subresource.shape) {
    case 'view':
      checkForm(definition, subresource.merge(object, frozen(stored), context));
      return;
    case 'scale': {
      const before = subresource.view(object);
      assert.equal(typeof before.selector, 'string');
      assert.ok(Number.isInteger(before.specReplicas) && Number.isInteger(before.statusReplicas));
      subresource.setReplicas(object, 7);
      assert.equal(subresource.view(object).specReplicas, 7);
      checkForm(definition, object);
      return;
    }
    case 'action':
      for (const body of [{}, { metadata: { ...object.metadata }, target: { name: 'n' } }]) {
        try {
          const result = subresource.act(structuredClone(object), body, context);
          if ('update' in result) checkForm(definition, result.update);
        } catch (error) {
          assert.ok(error instanceof StatusError, String(error));
        }
      }
      return;
    case 'connect':
    case 'served':
      return;
    default:
      subresource satisfies never;
  }
}

test('subresources take any object', () => {
  forEveryDefinition((definition, object, stored) => {
    for (const subresource of Object.values(definition.subresources)) {
      checkSubresource(definition, subresource, structuredClone(object), structuredClone(stored));
    }
  });
});
