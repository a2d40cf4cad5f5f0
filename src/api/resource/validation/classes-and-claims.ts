/** DeviceClasses, ResourceClaims and templates of claims. */
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { isExtendedResource } from '../../core/validation/resource-kinds.ts';
import { checkTemplateMetadata } from '../../core/validation/template-metadata.ts';
import { orZero, validateImmutable } from '../../field-rules.ts';
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate } from '../../types/resource.v1.ts';
import { checkList } from './bounded-lists.ts';
import { checkConfiguration } from './configuration.ts';
import { checkDeviceClaim, maxConfigurations } from './device-claim.ts';
import { checkSelectors } from './selectors.ts';

const specPath = root('spec');

export function validateResourceClaim({ spec }: ResourceClaim): FieldError[] {
  const errors: FieldError[] = [];
  checkDeviceClaim(errors, specPath.child('devices'), spec?.devices);
  return errors;
}

/** Nothing of the spec can change, so that nothing of it is judged again. */
export function validateSpecUpdate(object: { spec?: unknown }, old: { spec?: unknown }): FieldError[] {
  const errors: FieldError[] = [];
  validateImmutable(object.spec, old.spec, specPath, errors);
  return errors;
}

export function validateResourceClaimTemplate({ spec }: ResourceClaimTemplate): FieldError[] {
  const errors: FieldError[] = [];
  checkTemplateMetadata(errors, specPath.child('metadata'), spec?.metadata);
  checkDeviceClaim(errors, specPath.child('spec', 'devices'), spec?.spec?.devices);
  return errors;
}

/** @param old The stored class: what it has already is not judged by rules that came later. */
export function validateDeviceClass(deviceClass: DeviceClass, old?: DeviceClass): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(deviceClass.spec);
  const oldSpec = old === undefined ? undefined : orZero(old.spec);
  const hasSame = (member: 'selectors' | 'config'): boolean =>
    oldSpec !== undefined && semanticDeepEqual(spec[member], oldSpec[member]);
  checkSelectors(errors, specPath.child('selectors'), spec.selectors, hasSame('selectors'));
  const isStored = hasSame('config');
  checkList(errors, specPath.child('config'), spec.config, maxConfigurations, (found, path, { opaque }) =>
    checkConfiguration(found, path, opaque, isStored),
  );
  const name = spec.extendedResourceName;
  if (name !== undefined && !isExtendedResource(name)) {
    errors.push(specPath.child('extendedResourceName').invalid(name, 'must be a valid extended resource name'));
  }
  return errors;
}
