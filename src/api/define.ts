import { lookupType } from './schema/schema.ts';
import {
  allVerbs,
  type KubernetesObject,
  type ResourceDefinition,
  type StorageForm,
  type Subresource,
  type Verb,
  type ViewSubresource,
} from './contract.ts';
import { semanticDeepEqual } from '../machinery/deep-equal.ts';

/** What a definition must say; everything else has upstream's usual answer. */
export type ResourceInput<T extends KubernetesObject> = Pick<
  ResourceDefinition<T>,
  'group' | 'version' | 'kind' | 'plural' | 'namespaced'
> &
  Partial<Omit<ResourceDefinition<T>, 'storage' | 'generationChanges'>> & {
    readonly storage?: Partial<StorageForm<T>> | 'none';
    /** `none`: the resource keeps no generation although its status is separate (Namespace, VolumeAttachment …). */
    readonly generationChanges?: NonNullable<ResourceDefinition<T>['generationChanges']> | 'none';
  };

/**
 * Completes a definition. Throws when the schema table has no such type: a definition without a schema is a mistake in
 * this program.
 */
export function defineResource<T extends KubernetesObject>(input: ResourceInput<T>): ResourceDefinition {
  const schema = input.schema ?? lookupType(input.group, input.version, input.kind);
  if (schema === undefined) throw new Error(`no schema for ${input.group}/${input.version} ${input.kind}`);
  const subresources: Readonly<Record<string, Subresource<T>>> = input.subresources ?? {};
  const statusIsSeparate =
    input.statusIsSeparate ?? (schema.field('status') !== undefined && subresources['status'] !== undefined);
  const verbs: readonly Verb[] = input.verbs ?? allVerbs;
  const { generationChanges: given, ...rest } = input;
  const usual = statusIsSeparate && schema.field('spec') !== undefined ? specDiffers : undefined;
  const generationChanges = given === 'none' ? undefined : (given ?? usual);
  const storage: StorageForm<T> | undefined =
    input.storage === 'none'
      ? undefined
      : { prefix: input.plural, group: input.group, version: input.version, ...input.storage };
  const definition: ResourceDefinition<T> = {
    listKind: `${input.kind}List`,
    singular: input.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    nameRule: 'dnsSubdomain',
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: true,
    defaultPropagation: 'background',
    selectableFields: {},
    ...(generationChanges === undefined ? {} : { generationChanges }),
    ...rest,
    schema,
    storage,
    verbs,
    statusIsSeparate,
    subresources,
  };
  // The generic handlers treat every object alike; the definition's own type is known only to its own hooks.
  return definition as unknown as ResourceDefinition;
}

/** Whether the desired state differs: what makes a new generation of most resources. */
export function specDiffers(
  object: KubernetesObject & { spec?: unknown },
  old: KubernetesObject & { spec?: unknown },
): boolean {
  return !semanticDeepEqual(object.spec, old.spec);
}

/** The usual `status` subresource: a write through it changes the status alone, besides metadata. */
export function statusSubresource<T extends KubernetesObject & { spec?: unknown }>(
  validate?: ViewSubresource<T>['validate'],
): ViewSubresource<T> {
  return {
    shape: 'view',
    ...(validate === undefined ? {} : { validate }),
    merge(submitted, stored) {
      if (stored.spec === undefined) delete submitted.spec;
      else submitted.spec = stored.spec;
      return submitted;
    },
  };
}
