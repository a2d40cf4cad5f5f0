/** Fields of values, whatever holds them. */
import type { Adapter } from './adapt.ts';
import { costs } from './call-cost.ts';
import type { Evaluator } from './evaluation.ts';
import { fail } from './failure.ts';
import type { CelValue } from './values.ts';
import { CelFields, CelMap, CelObject, isPlainObject, Optional, ownProperty } from './values.ts';

/** Undefined when there is no such field; a CelFailure when the value has no fields at all. */
export function selectDynamic(value: CelValue, field: string): CelValue | undefined {
  if (typeof value === 'object' && value !== null) {
    if (isPlainObject(value)) return ownProperty(value, field);
    if (value instanceof CelMap || value instanceof CelFields || value instanceof CelObject) return value.get(field);
    if (value instanceof Optional) {
      if (value.value === undefined) return undefined;
      return selectDynamic(value.value, field);
    }
  }
  return fail('no such overload');
}

/** Reads a property of what the operand evaluates to. In objects with a schema, what is null is absent. */
export function selector(
  operand: Evaluator,
  property: string,
  adapt: Adapter | undefined,
  isNullAbsent: boolean,
): Evaluator {
  const isInherited = property in Object.prototype;
  return (state) => {
    const value = operand(state);
    state.charge(costs.selectOrIdent);
    let found: CelValue | undefined;
    if (value instanceof Optional) {
      const held = value.value === undefined ? undefined : selectDynamic(value.value, property);
      return held === undefined ? Optional.none : new Optional(adapt === undefined ? held : adapt(held));
    }
    if (isInherited || !isPlainObject(value)) found = selectDynamic(value, property);
    else found = value[property];
    if (found === undefined || (isNullAbsent && found === null)) return fail(`no such key: ${property}`);
    return adapt === undefined ? found : adapt(found);
  };
}
