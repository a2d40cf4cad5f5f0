/** Fields of values, whatever holds them. */
import type { Adapter } from './adapt.ts';
import { costs } from './call-cost.ts';
import type { Evaluator } from './evaluation.ts';
import { isMap } from './declarations.ts';
import { fail } from './failure.ts';
import type { CelValue } from './values.ts';
import { CelFields, CelMap, CelObject, isList, isPlainObject, Optional, ownProperty } from './values.ts';

/** Undefined when there is no such field, as there is none in what has no fields at all: null, texts, numbers. */
export function selectDynamic(value: CelValue, field: string): CelValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isPlainObject(value)) return ownProperty(value, field);
  if (isList(value)) return fail("unsupported index type 'string' in list");
  if (value instanceof CelMap || value instanceof CelFields || value instanceof CelObject) return value.get(field);
  return value instanceof Optional && value.value !== undefined ? selectDynamic(value.value, field) : undefined;
}

/** `a.?b`: a field that may be missing, of something that must be able to have fields. */
export function selectIfPresent(value: CelValue, field: string): CelValue | undefined {
  const hasFields =
    typeof value === 'object' &&
    (isMap(value) || isList(value) || value instanceof CelObject || value instanceof Optional);
  return hasFields ? selectDynamic(value, field) : fail(`no such key: ${field}`);
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
      const held = value.value === undefined ? undefined : selectIfPresent(value.value, property);
      return held === undefined ? Optional.none : new Optional(adapt === undefined ? held : state.adapt(adapt, held));
    }
    if (isInherited || !isPlainObject(value)) found = selectDynamic(value, property);
    else found = value[property];
    if (found === undefined || (isNullAbsent && found === null)) return fail(`no such key: ${property}`);
    return adapt === undefined ? found : state.adapt(adapt, found);
  };
}
