import { root, type FieldError, type Path } from '../../../machinery/field-error.ts';
import type {
  ResourceList,
  ResourceQuota,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../../types/core.v1.ts';
import { isStandardQuotaResource, validateQuotaResourceName, validateResourceQuantity } from './resource-names.ts';

const podResources: ReadonlySet<string> = new Set([
  'cpu',
  'limits.cpu',
  'limits.memory',
  'memory',
  'pods',
  'requests.cpu',
  'requests.memory',
]);
const podCount: ReadonlySet<string> = new Set(['pods']);
const claimResources: ReadonlySet<string> = new Set(['persistentvolumeclaims', 'requests.storage']);

/** Which resources a scope can narrow down. */
const resourcesOfScope: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['BestEffort', podCount],
  ['CrossNamespacePodAffinity', podResources],
  ['NotBestEffort', podResources],
  ['NotTerminating', podResources],
  ['PriorityClass', podResources],
  ['Terminating', podResources],
  ['VolumeAttributesClass', claimResources],
]);
/** Either one applies to an object or it does not. */
const scopesThatExist: ReadonlySet<string> = new Set([
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'Terminating',
]);
const mustExist =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

export function validateResourceQuota(quota: ResourceQuota): FieldError[] {
  return [...validateQuotaSpec(quota.spec), ...validateQuotaStatus(quota)];
}

export function validateResourceQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const errors = validateQuotaSpec(quota.spec);
  const { scopes = [] } = quota.spec ?? {};
  if (new Set<string>(scopes).symmetricDifference(new Set<string>(old.spec?.scopes ?? [])).size > 0) {
    errors.push(root('spec').child('scopes').invalid(scopes, 'field is immutable'));
  }
  return errors;
}

export function validateQuotaStatus({ status }: ResourceQuota): FieldError[] {
  const path = root('status');
  const errors: FieldError[] = [];
  validateAmounts(status?.hard, path.child('hard'), errors);
  validateAmounts(status?.used, path.child('used'), errors);
  return errors;
}

function validateAmounts(amounts: ResourceList | undefined, path: Path, errors: FieldError[]): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    errors.push(...validateQuotaResourceName(name, path.key(name)));
    errors.push(...validateResourceQuantity(name, amount, path.key(name)));
  }
}

function validateQuotaSpec(spec: ResourceQuotaSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec) return errors;
  const path = root('spec');
  validateAmounts(spec.hard, path.child('hard'), errors);
  const resources = Object.keys(spec.hard ?? {}).filter(isStandardQuotaResource);
  validateScopes(spec, resources, path.child('scopes'), errors);
  if (spec.scopeSelector)
    validateScopeSelector(spec, resources, path.child('scopeSelector', 'matchExpressions'), errors);
  return errors;
}

function unsuitableResources(scope: string, resources: readonly string[]): number {
  const suitable = resourcesOfScope.get(scope);
  return suitable === undefined ? 0 : resources.filter((name) => !suitable.has(name)).length;
}

function validateScopes(
  { scopes = [] }: ResourceQuotaSpec,
  resources: readonly string[],
  path: Path,
  errors: FieldError[],
): void {
  for (const scope of scopes) {
    if (!resourcesOfScope.has(scope)) errors.push(path.invalid(scopes, 'unsupported scope'));
    // One error for each resource, as upstream reports them.
    for (let count = unsuitableResources(scope, resources); count > 0; count--) {
      errors.push(path.invalid(scopes, 'unsupported scope applied to resource'));
    }
  }
  validateScopePairs(scopes, scopes, path, errors);
}

function validateScopePairs(found: readonly string[], shown: unknown, path: Path, errors: FieldError[]): void {
  for (const scope of ['BestEffort', 'Terminating']) {
    if (!found.includes(scope) || !found.includes(`Not${scope}`)) continue;
    errors.push(path.invalid(shown, 'conflicting scopes'));
  }
}

function validateScopeSelector(
  spec: ResourceQuotaSpec,
  resources: readonly string[],
  path: Path,
  errors: FieldError[],
): void {
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  for (const expression of expressions) {
    const scope = expression.scopeName ?? '';
    if (!resourcesOfScope.has(scope)) errors.push(path.child('scopeName').invalid(scope, 'unsupported scope'));
    for (let count = unsuitableResources(scope, resources); count > 0; count--) {
      errors.push(path.invalid(shownSelector(expressions), 'unsupported scope applied to resource'));
    }
    validateRequirement(expression, path, errors);
  }
  // Upstream shows the plain scopes here, null when there are none.
  const shown = (spec.scopes ?? []).length === 0 ? null : spec.scopes;
  validateScopePairs(
    expressions.map(({ scopeName }) => scopeName ?? ''),
    shown,
    path,
    errors,
  );
}

function validateRequirement(
  { scopeName = '' as never, operator = '' as never, values = [] }: ScopedResourceSelectorRequirement,
  path: Path,
  errors: FieldError[],
): void {
  if (scopesThatExist.has(scopeName) && operator !== 'Exists') {
    errors.push(path.child('operator').invalid(operator, mustExist));
  }
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length > 0) return;
    const message = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    errors.push(path.child('values').required(message));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length === 0) return;
    const message = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    errors.push(path.child('values').invalid(values, message));
  } else errors.push(path.child('operator').invalid(operator, 'not a valid selector operator'));
}

/** As upstream shows a selector: its internal type. */
function shownSelector(expressions: readonly ScopedResourceSelectorRequirement[]): object {
  return {
    MatchExpressions: expressions.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName ?? '',
      Operator: operator ?? '',
      Values: values ?? null,
    })),
  };
}
