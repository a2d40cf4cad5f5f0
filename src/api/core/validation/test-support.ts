/** For the tests of this folder: what the server finds wrong with an object that it is sent. */
import type { KubernetesObject, ResourceDefinition } from '../../contract.ts';
import { applyDeclaredDefaults } from '../../schema/defaults.ts';
import { context, objectOf } from '../test-support.ts';

function completed(definition: ResourceDefinition, raw: object): KubernetesObject {
  const object = objectOf<KubernetesObject>(definition, raw);
  applyDeclaredDefaults(definition.schema, object);
  definition.defaults?.(object);
  return object;
}

/** The object as a creation stores it. */
function stored(definition: ResourceDefinition, raw: object): KubernetesObject {
  const object = completed(definition, raw);
  definition.prepareForCreate?.(object, context);
  return object;
}

/** The texts of the errors when the object is created. */
export function createErrors(definition: ResourceDefinition, raw: object): string[] {
  return (definition.validate?.(stored(definition, raw), context) ?? []).map(String);
}

/** The texts of the errors when `old`, which is stored, is replaced. */
export function updateErrors(definition: ResourceDefinition, raw: object, old: object): string[] {
  const before = completed(definition, old);
  const object = completed(definition, raw);
  definition.prepareForUpdate?.(object, structuredClone(before), context);
  const { validate, validateUpdate } = definition;
  const errors = validateUpdate === undefined ? validate?.(object, context) : validateUpdate(object, before, context);
  return (errors ?? []).map(String);
}

/** The texts of the errors when `old` is replaced through a view. */
export function viewErrors(definition: ResourceDefinition, name: string, raw: object, old: object): string[] {
  const view = definition.subresources[name];
  if (view?.shape !== 'view') throw new Error(`${definition.plural}/${name} is no view`);
  const before = completed(definition, old);
  const object = view.merge(completed(definition, raw), structuredClone(before), context);
  return (view.validate?.(object, before) ?? []).map(String);
}
