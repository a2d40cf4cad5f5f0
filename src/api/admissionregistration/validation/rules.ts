import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { validateLabelSelector } from '../../../machinery/label-validation.ts';
import { isPathSegmentName, isQualifiedName } from '../../../machinery/names.ts';
import { listOf, validateByRule, validateEnum, validateRequiredEnum } from '../../field-rules.ts';
import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  RuleWithOperations,
} from '../../types/admissionregistration.v1.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];
export const matchPolicies = ['Equivalent', 'Exact'];
const maxMatchConditions = 64;

/** `*` stands alone. */
function refuseOthers(list: readonly string[], what: string, path: Path, errors: FieldError[]): void {
  if (list.length > 1 && list.includes('*')) {
    errors.push(path.invalid(list, `if '*' is present, must not specify other ${what}`));
  }
}

/** Resources and subresources: `pods`, `pods/status`, `pods/*`, `*` for all resources, and `*` for subresources too. */
function validateResources(resources: readonly string[], path: Path, errors: FieldError[]): void {
  if (resources.length === 0) errors.push(path.required());
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  // As upstream, the last resource without a subresource decides.
  let hasPlain = false;
  resources.forEach((text, index) => {
    const at = path.index(index);
    if (text === '') {
      errors.push(at.required());
      return;
    }
    const slash = text.indexOf('/');
    if (slash < 0) {
      hasPlain = text !== '*';
      return;
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
    if (wholeResources.has(resource)) {
      errors.push(at.invalid(text, `if '${resource}/*' is present, must not specify ${text}`));
    }
    if (wholeSubresources.has(subresource)) {
      errors.push(at.invalid(text, `if '*/${subresource}' is present, must not specify ${text}`));
    }
    if (subresource === '*') wholeResources.add(resource);
    if (resource === '*') wholeSubresources.add(subresource);
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(path.invalid(resources, "if '*/*' is present, must not specify other resources"));
  }
  if (hasPlain && resources.includes('*')) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(path.invalid(resources, detail));
  }
}

export function validateRule(rule: RuleWithOperations, path: Path, errors: FieldError[]): void {
  const operationsPath = path.child('operations');
  const verbs = listOf(rule.operations);
  if (verbs.length === 0) errors.push(operationsPath.required());
  refuseOthers(verbs, 'operations', operationsPath, errors);
  verbs.forEach((verb, index) => validateEnum(verb, operations, operationsPath.index(index), errors));
  const groups = listOf(rule.apiGroups);
  if (groups.length === 0) errors.push(path.child('apiGroups').required());
  refuseOthers(groups, 'API groups', path.child('apiGroups'), errors);
  const versions = listOf(rule.apiVersions);
  const versionsPath = path.child('apiVersions');
  if (versions.length === 0) errors.push(versionsPath.required());
  refuseOthers(versions, 'API versions', versionsPath, errors);
  versions.forEach((version, index) => {
    if (version === '') errors.push(versionsPath.index(index).required());
  });
  validateResources(listOf(rule.resources), path.child('resources'), errors);
  validateEnum(rule.scope, scopes, path.child('scope'), errors);
}

function validateNamedRule(rule: NamedRuleWithOperations, path: Path, errors: FieldError[]): void {
  const names = new Set<string>();
  listOf(rule.resourceNames).forEach((name, index) => {
    const namePath = path.child('resourceNames').index(index);
    validateByRule(isPathSegmentName, name, namePath, errors);
    if (names.has(name)) errors.push(namePath.duplicate(name));
    names.add(name);
  });
  validateRule(rule, path, errors);
}

/** What a policy or its binding applies to. */
export function validateMatchResources(match: MatchResources, path: Path, errors: FieldError[]): void {
  const policyPath = path.child('matchPolicy');
  validateRequiredEnum(match.matchPolicy, matchPolicies, policyPath, errors);
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    const selector = match[field] ?? undefined;
    if (selector === undefined) errors.push(path.child(field).required());
    else errors.push(...validateLabelSelector(selector, {}, path.child(field)));
  }
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    listOf(match[field]).forEach((rule, index) => validateNamedRule(rule, path.child(field).index(index), errors));
  }
}

/** Names and that there are expressions; what these say is not compiled here. */
export function validateMatchConditions(
  conditions: readonly MatchCondition[] | null | undefined,
  path: Path,
  errors: FieldError[],
): void {
  const list = listOf(conditions);
  if (list.length > maxMatchConditions) errors.push(path.tooMany(list.length, maxMatchConditions));
  const names = new Set<string>();
  list.forEach(({ name = '', expression = '' }, index) => {
    const at = path.index(index);
    if (expression.trim() === '') errors.push(at.child('expression').required());
    const namePath = at.child('name');
    if (name === '') {
      errors.push(namePath.required());
      return;
    }
    validateByRule(isQualifiedName, name, namePath, errors);
    if (names.has(name)) errors.push(namePath.duplicate(name));
    names.add(name);
  });
}
