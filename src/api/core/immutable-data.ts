import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../machinery/field-error.ts';

const frozen = 'field is immutable when `immutable` is set';

/** Refuses changes of the named fields, and of `immutable` itself, once it is set (ConfigMaps and Secrets, KEP-1412). */
export function validateImmutableData<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (old.immutable !== true) return [];
  const errors = fields
    .filter((field) => !semanticDeepEqual(orNoEntries(object[field]), orNoEntries(old[field])))
    .map((field) => root(field).forbidden(frozen));
  return object.immutable === true ? errors : [root('immutable').forbidden(frozen), ...errors];
}

/** A map without entries is the same as none. */
function orNoEntries(map: unknown): unknown {
  return map ?? {};
}
