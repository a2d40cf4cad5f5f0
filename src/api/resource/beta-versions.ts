/** The beta versions of resource.k8s.io, which v1.36 knows and does not serve unless it is told to. */
import type { ResourceDefinition } from '../contract.ts';
import { otherVersion, sameForm, type VersionForms } from '../other-version.ts';
import { claimFromV1, claimToV1, sliceFromV1, sliceToV1, templateFromV1, templateToV1 } from './convert-v1beta1.ts';
import { deviceclasses } from './deviceclasses.ts';
import { resourceclaims } from './resourceclaims.ts';
import { resourceclaimtemplates } from './resourceclaimtemplates.ts';
import { resourceslices } from './resourceslices.ts';

const v1beta1Forms: readonly (readonly [definition: ResourceDefinition, forms: VersionForms])[] = [
  [deviceclasses, sameForm],
  [resourceclaims, { to: claimToV1, from: claimFromV1 } as VersionForms],
  [resourceclaimtemplates, { to: templateToV1, from: templateFromV1 } as VersionForms],
  [resourceslices, { to: sliceToV1, from: sliceFromV1 } as VersionForms],
];

function withOwnWords(definition: ResourceDefinition): ResourceDefinition {
  const { group, version, kind, unselectableField } = definition;
  if (unselectableField === undefined) return definition;
  return {
    ...definition,
    unselectableField: (field) => `field label not supported for ${group}/${version}, Kind=${kind}: ${field}`,
  };
}

export const resourceBetaDefinitions: readonly ResourceDefinition[] = [
  ...v1beta1Forms.map(([definition, forms]) => withOwnWords(otherVersion(definition, 'v1beta1', forms))),
  ...v1beta1Forms.map(([definition]) => withOwnWords(otherVersion(definition, 'v1beta2', sameForm))),
];
