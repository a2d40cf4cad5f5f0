import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import { isDNS1035Label, isDNS1123Subdomain, isPathSegmentName } from '../../../machinery/names.ts';
import { listOf, validateByRule, validateRequiredEnum } from '../../field-rules.ts';
import type {
  MatchCondition,
  MatchResources,
  ParamKind,
  ParamRef,
  Variable,
} from '../../types/admissionregistration.v1.ts';
import { validateMatchConditions, validateMatchResources } from './rules.ts';

/** What policies that validate and policies that mutate have alike. */

export const policySpecPath = root('spec');
const failurePolicyPath = policySpecPath.child('failurePolicy');
const paramKindPath = policySpecPath.child('paramKind');
const apiVersionPath = paramKindPath.child('apiVersion');
const kindPath = paramKindPath.child('kind');
const constraintsPath = policySpecPath.child('matchConstraints');
const matchConditionsPath = policySpecPath.child('matchConditions');
const variablesPath = policySpecPath.child('variables');
const policyNamePath = policySpecPath.child('policyName');
const paramRefPath = policySpecPath.child('paramRef');
const matchResourcesPath = policySpecPath.child('matchResources');
const failurePolicies = ['Fail', 'Ignore'];
const notFoundActions = ['Deny', 'Allow'];
const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
/** Words that CEL keeps for itself. */
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function validateParamKind({ apiVersion = '', kind = '' }: ParamKind, errors: FieldError[]): void {
  if (apiVersion === '') errors.push(apiVersionPath.required());
  else if (apiVersion.split('/').length > 2) {
    errors.push(apiVersionPath.invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  } else {
    const slash = apiVersion.indexOf('/');
    const [group, version] = [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
    const groupFaults = group === '' ? [] : isDNS1123Subdomain(group);
    if (groupFaults.length > 0) errors.push(apiVersionPath.invalid(group, groupFaults.join(',')));
    const versionFaults = isDNS1035Label(version);
    if (version === '') errors.push(apiVersionPath.invalid(apiVersion, 'version must be specified'));
    else if (versionFaults.length > 0) errors.push(apiVersionPath.invalid(version, versionFaults.join(',')));
  }
  const kindFaults = isDNS1035Label(kind.toLowerCase());
  if (kind === '') errors.push(kindPath.required());
  else if (kindFaults.length > 0) {
    const detail = `may have mixed case, but should otherwise match: ${kindFaults.join(',')}`;
    errors.push(kindPath.invalid(kind, detail));
  }
}

function validateVariable({ name = '', expression = '' }: Variable, path: Path, errors: FieldError[]): void {
  if (name.trim() === '') errors.push(path.child('name').required('name is not specified'));
  else if (!identifier.test(name) || reserved.has(name)) {
    errors.push(path.child('name').invalid(name, 'name is not a valid CEL identifier'));
  }
  if (expression.trim() === '') errors.push(path.child('expression').required('expression is not specified'));
}

interface PolicySpec {
  readonly failurePolicy?: string | null;
  readonly paramKind?: ParamKind | null;
  readonly matchConstraints?: MatchResources | null;
  readonly matchConditions?: readonly MatchCondition[] | null;
  readonly variables?: readonly Variable[] | null;
}

export function validatePolicy(spec: PolicySpec, errors: FieldError[]): void {
  validateRequiredEnum(spec.failurePolicy, failurePolicies, failurePolicyPath, errors);
  if (spec.paramKind) validateParamKind(spec.paramKind, errors);
  if (spec.matchConstraints) {
    validateMatchResources(spec.matchConstraints, constraintsPath, errors);
    if (listOf(spec.matchConstraints.resourceRules).length === 0) {
      errors.push(constraintsPath.child('resourceRules').required());
    }
  } else errors.push(constraintsPath.required());
  validateMatchConditions(spec.matchConditions, matchConditionsPath, errors);
  listOf(spec.variables).forEach((variable, index) => {
    validateVariable(variable, variablesPath.index(index), errors);
  });
}

function validateParamRef(
  { name = '', selector, parameterNotFoundAction: action }: ParamRef,
  errors: FieldError[],
): void {
  const hasSelector = selector !== undefined && selector !== null;
  const exclusive = 'name and selector are mutually exclusive';
  if (name !== '') {
    validateByRule(isPathSegmentName, name, paramRefPath.child('name'), errors);
    if (hasSelector) errors.push(paramRefPath.child('name').forbidden(exclusive));
  }
  if (hasSelector) {
    errors.push(...validateLabelSelector(selector, {}, paramRefPath.child('selector')));
    if (name !== '') errors.push(paramRefPath.child('selector').forbidden(exclusive));
  }
  if (name === '' && !hasSelector) errors.push(paramRefPath.required('one of name or selector must be specified'));
  const actionPath = paramRefPath.child('parameterNotFoundAction');
  if (!action) errors.push(actionPath.required());
  else if (!notFoundActions.includes(action)) errors.push(actionPath.notSupported(action, notFoundActions));
}

export function validateBinding(
  spec: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef | null;
    readonly matchResources?: MatchResources | null;
  },
  errors: FieldError[],
): void {
  const policyName = spec.policyName ?? '';
  if (policyName === '') errors.push(policyNamePath.required());
  else validateByRule(isDNS1123Subdomain, policyName, policyNamePath, errors);
  if (spec.paramRef) validateParamRef(spec.paramRef, errors);
  if (spec.matchResources) validateMatchResources(spec.matchResources, matchResourcesPath, errors);
}
