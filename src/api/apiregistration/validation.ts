import { root, type FieldError } from '../../machinery/field-error.ts';
import { isDNS1035Label, isDNS1123Subdomain, isPathSegmentName } from '../../machinery/names.ts';
import { quote } from '../../machinery/quote.ts';
import { listOf, orZero, validateByRule, validateEnum } from '../field-rules.ts';
import type { APIService, APIServiceSpec } from '../types/apiregistration.v1.ts';

const specPath = root('spec');
const namePath = root('metadata').child('name');
const conditionsPath = root('status').child('conditions');
const statuses = ['True', 'False', 'Unknown'];
const maxGroupPriority = 20_000;
const maxVersionPriority = 1000;

export function validateAPIService({ metadata, spec }: APIService): FieldError[] {
  const errors: FieldError[] = [];
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, service } = orZero(spec);
  const name = metadata?.name ?? '';
  const requiredName = `${version}.${group}`;
  if (name !== requiredName && isPathSegmentName(name).length === 0) {
    errors.push(namePath.invalid(name, `must be \`spec.version+"."+spec.group\`: ${quote(requiredName)}`));
  }
  if (group !== '') validateByRule(isDNS1123Subdomain, group, specPath.child('group'), errors);
  else if (version !== 'v1') {
    errors.push(specPath.child('group').required('only v1 may have an empty group and it better be legacy kube'));
  }
  validateByRule(isDNS1035Label, version, specPath.child('version'), errors);
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > maxGroupPriority) {
    const rule = 'must be positive and less than 20000';
    errors.push(specPath.child('groupPriorityMinimum').invalid(groupPriorityMinimum, rule));
  }
  if (versionPriority <= 0 || versionPriority > maxVersionPriority) {
    errors.push(specPath.child('versionPriority').invalid(versionPriority, 'must be positive and less than 1000'));
  }
  if (service) validateRemote(orZero(spec), errors);
  else validateLocal(orZero(spec), errors);
  return errors;
}

/** Nothing has to be trusted where this server answers itself. */
function validateLocal({ caBundle, insecureSkipTLSVerify }: Partial<APIServiceSpec>, errors: FieldError[]): void {
  const size = Buffer.from(caBundle ?? '', 'base64').length;
  if (size > 0) {
    errors.push(specPath.child('caBundle').invalid(`${size} bytes`, 'local APIServices may not have a caBundle'));
  }
  if (insecureSkipTLSVerify === true) {
    const rule = 'local APIServices may not have insecureSkipTLSVerify';
    errors.push(specPath.child('insecureSkipTLSVerify').invalid(true, rule));
  }
}

function validateRemote(
  { service, caBundle, insecureSkipTLSVerify }: Partial<APIServiceSpec>,
  errors: FieldError[],
): void {
  const path = specPath.child('service');
  if (!service?.namespace) errors.push(path.child('namespace').required());
  if (!service?.name) errors.push(path.child('name').required());
  if (insecureSkipTLSVerify === true && caBundle) {
    errors.push(specPath.child('insecureSkipTLSVerify').invalid(true, 'may not be true if caBundle is present'));
  }
}

export function validateAPIServiceStatus({ status }: APIService): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, condition] of listOf(status?.conditions).entries()) {
    validateEnum(condition.status ?? '', statuses, conditionsPath.index(index).child('status'), errors);
  }
  return errors;
}
