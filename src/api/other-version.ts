import type { KubernetesObject, ResourceDefinition, Subresource, ViewSubresource } from './contract.ts';
import { knownSchema } from './known-schema.ts';
import { decode } from './schema/decode.ts';

/** How a version differs from the stored one. Neither function has to see to `apiVersion`. */
export interface VersionForms {
  to(object: KubernetesObject): object;
  from(stored: KubernetesObject): object;
}

/** For versions that have the same fields. */
export const sameForm: VersionForms = { to: (object) => object, from: (stored) => stored };

/**
 * The definition of another version of a resource: what the stored version's hooks do, done to the object in that
 * version. Errors therefore name fields as the stored version has them, as upstream's do.
 */
export function otherVersion(definition: ResourceDefinition, version: string, forms: VersionForms): ResourceDefinition {
  const { group, kind, storage, schema: storedSchema } = definition;
  if (storage === undefined) throw new Error(`${definition.plural} are not stored`);
  const schema = knownSchema(storedSchema.name.replace(`.${definition.version}.`, `.${version}.`));
  const to = (object: KubernetesObject): KubernetesObject =>
    decode(storedSchema, { ...forms.to(object), kind, apiVersion: `${group}/${definition.version}` });
  const from = (stored: KubernetesObject): KubernetesObject =>
    decode(schema, { ...forms.from(stored), kind, apiVersion: `${group}/${version}` });
  /** Runs a hook that changes its object in place. */
  const changed = (object: KubernetesObject, change: (stored: KubernetesObject) => void): void => {
    const { kind: ownKind, apiVersion } = object;
    const stored = to(object);
    change(stored);
    const made = { ...from(stored), kind: ownKind, apiVersion };
    for (const key of Object.keys(object)) delete (object as Record<string, unknown>)[key];
    for (const [key, value] of Object.entries(made)) if (value !== undefined) Object.assign(object, { [key]: value });
  };
  const { defaults, validate, validateUpdate, prepareForCreate, prepareForUpdate, generationChanges } = definition;
  const { warningsOnCreate, warningsOnUpdate } = definition;
  const subresources: Record<string, Subresource<KubernetesObject>> = {};
  for (const [name, subresource] of Object.entries(definition.subresources)) {
    subresources[name] = subresource.shape === 'view' ? viewOf(subresource, to, from) : subresource;
  }
  return {
    ...definition,
    version,
    schema,
    storage: { ...storage, convert: { to, from } },
    ...(defaults && { defaults: (object) => changed(object, defaults) }),
    ...(validate && { validate: (object, context) => validate(to(object), context) }),
    ...(validateUpdate && { validateUpdate: (object, old, context) => validateUpdate(to(object), to(old), context) }),
    ...(prepareForCreate && {
      prepareForCreate: (object, context) => changed(object, (stored) => prepareForCreate(stored, context)),
    }),
    ...(prepareForUpdate && {
      prepareForUpdate: (object, old, context) =>
        changed(object, (stored) => prepareForUpdate(stored, to(old), context)),
    }),
    ...(generationChanges && { generationChanges: (object, old) => generationChanges(to(object), to(old)) }),
    ...(warningsOnCreate && { warningsOnCreate: (object) => warningsOnCreate(to(object)) }),
    ...(warningsOnUpdate && { warningsOnUpdate: (object, old) => warningsOnUpdate(to(object), to(old)) }),
    subresources,
  };
}

function viewOf(
  view: ViewSubresource<KubernetesObject>,
  to: (object: KubernetesObject) => KubernetesObject,
  from: (stored: KubernetesObject) => KubernetesObject,
): ViewSubresource<KubernetesObject> {
  const { validate } = view;
  return {
    ...view,
    merge: (submitted, stored, context) => from(view.merge(to(submitted), to(stored), context)),
    ...(validate && { validate: (object, old) => validate(to(object), to(old)) }),
  };
}
