import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { StatusError } from '../machinery/status.ts';
import { builtinCatalog } from './catalog.ts';
import type { KubernetesObject, ResourceDefinition, StrategyContext, Subresource } from './contract.ts';
import { arbitraryObject } from './schema/arbitrary.ts';
import { decode } from './schema/decode.ts';

const runs = 100;
const context: StrategyContext = { nowMs: Date.UTC(2026, 0, 1), user: { username: 'ann', groups: ['dev'] } };

/** The object with members left out by chance, at any depth: hooks must bear the absence of any field. */
function thinned(value: unknown, keep: () => boolean): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => thinned(item, keep));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(() => keep());
  return Object.fromEntries(members.map(([key, member]) => [key, thinned(member, keep)]));
}

/** Objects of the kind: whole, thinned out, and empty. */
function objectsOf({ schema }: ResourceDefinition): fc.Arbitrary<KubernetesObject> {
  const whole = arbitraryObject(schema, { depth: 5 });
  const thin = fc.tuple(whole, fc.infiniteStream(fc.boolean())).map(([object, coins]) => {
    const keep = (): boolean => coins.next().value;
    return thinned(object, keep) as KubernetesObject;
  });
  return fc.oneof(whole, thin, fc.constant({}));
}

function copy<T>(value: T): T {
  return structuredClone(value);
}

function actOn(
  definition: ResourceDefinition,
  subresource: Subresource<KubernetesObject>,
  object: KubernetesObject,
  old: KubernetesObject,
): void {
  switch (subresource.shape) {
    case 'view':
      assert.equal(typeof subresource.merge(copy(object), copy(old), context), 'object');
      subresource.validate?.(copy(object), copy(old));
      return;
    case 'scale': {
      const scaled = copy(object);
      assert.equal(typeof subresource.view(scaled).selector, 'string');
      subresource.setReplicas(scaled, 7);
      assert.equal(subresource.view(scaled).specReplicas, 7, definition.plural);
      return;
    }
    case 'action':
      try {
        subresource.act(copy(object), {}, context);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
      return;
    default:
  }
}

for (const definition of builtinCatalog().definitions) {
  const name = `${definition.plural}.${definition.version}.${definition.group}`;

  test(`no object of ${name} makes a column or a field throw`, () => {
    fc.assert(
      fc.property(objectsOf(definition), (object) => {
        for (const column of definition.columns ?? []) {
          const cell = column.cell(object, context);
          assert.ok(cell === null || ['string', 'number', 'boolean'].includes(typeof cell), column.name);
        }
        for (const value of Object.values(definition.selectableFields)) assert.equal(typeof value(object), 'string');
      }),
      { numRuns: runs },
    );
  });

  test(`no object of ${name} makes validation throw, or is changed by it`, () => {
    fc.assert(
      fc.property(objectsOf(definition), objectsOf(definition), (first, old) => {
        const object = copy(first);
        for (const error of definition.validate?.(object, context) ?? []) assert.ok(String(error).includes(': '));
        for (const error of definition.validateUpdate?.(object, old, context) ?? []) assert.ok(String(error) !== '');
        assert.deepEqual(object, first);
      }),
      { numRuns: runs },
    );
  });

  test(`no object of ${name} makes a hook throw, and what hooks make is still of the kind`, () => {
    fc.assert(
      fc.property(objectsOf(definition), objectsOf(definition), (first, old) => {
        const object = copy(first);
        definition.defaults?.(object);
        const again = copy(object);
        definition.defaults?.(again);
        assert.deepEqual(again, object, 'defaults are filled once');
        const created = copy(object);
        definition.prepareForCreate?.(created, context);
        decode(definition.schema, created);
        const updated = copy(object);
        definition.prepareForUpdate?.(updated, copy(old), context);
        decode(definition.schema, updated);
        assert.equal(definition.generationChanges?.(copy(updated), copy(updated)) ?? false, false);
        definition.generationChanges?.(updated, copy(old));
        definition.prepareForDelete?.(copy(object));
        definition.holdsDeletion?.(object);
        definition.gracePeriodSeconds?.(object, undefined);
        for (const subresource of Object.values(definition.subresources)) actOn(definition, subresource, object, old);
      }),
      { numRuns: runs },
    );
  });

  const convert = definition.storage?.convert;
  if (convert !== undefined) {
    test(`every object of ${name} can be stored and read again`, () => {
      fc.assert(
        fc.property(objectsOf(definition), (object) => {
          const once = convert.from(convert.to(copy(object)));
          assert.deepEqual(convert.from(convert.to(copy(once))), once);
        }),
        { numRuns: runs },
      );
    });
  }
}
