import { validateLabelSelector, type LabelSelectorValidationOptions } from '../../machinery/label-validation.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { isDNS1123Subdomain, isPathSegmentName } from '../../machinery/names.ts';
import { listOf, orZero, validateByRule } from '../field-rules.ts';
import { hasInvalidLabelValue } from '../label-selector-ratchet.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../types/rbac.v1.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const rulesPath = root('rules');
const selectorsPath = root('aggregationRule').child('clusterRoleSelectors');
const roleRefPath = root('roleRef');
const roleRefGroupPath = roleRefPath.child('apiGroup');
const roleRefKindPath = roleRefPath.child('kind');
const roleRefNamePath = roleRefPath.child('name');
const subjectsPath = root('subjects');
const subjectKinds = ['ServiceAccount', 'User', 'Group'];

function validateRule(rule: PolicyRule, isNamespaced: boolean, path: Path, errors: FieldError[]): void {
  if (listOf(rule.verbs).length === 0) {
    errors.push(path.child('verbs').required('verbs must contain at least one value'));
  }
  const urls = listOf(rule.nonResourceURLs);
  const [groups, resources] = [listOf(rule.apiGroups), listOf(rule.resources)];
  if (urls.length > 0) {
    const urlsPath = path.child('nonResourceURLs');
    if (isNamespaced) errors.push(urlsPath.invalid(urls, 'namespaced rules cannot apply to non-resource URLs'));
    if (groups.length + resources.length + listOf(rule.resourceNames).length > 0) {
      errors.push(urlsPath.invalid(urls, 'rules cannot apply to both regular resources and non-resource URLs'));
    }
    return;
  }
  if (groups.length === 0) {
    errors.push(path.child('apiGroups').required('resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(path.child('resources').required('resource rules must supply at least one resource'));
  }
}

function validateRules(rules: readonly PolicyRule[] | null | undefined, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  listOf(rules).forEach((rule, index) => validateRule(rule, isNamespaced, rulesPath.index(index), errors));
  return errors;
}

export function validateRole({ rules }: Role): FieldError[] {
  return validateRules(rules, true);
}

function validateClusterRoleWith(role: ClusterRole, options: LabelSelectorValidationOptions): FieldError[] {
  const errors = validateRules(role.rules, false);
  const aggregation = role.aggregationRule ?? undefined;
  if (aggregation === undefined) return errors;
  const selectors = listOf(aggregation.clusterRoleSelectors);
  if (selectors.length === 0) {
    const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
    errors.push(selectorsPath.required(detail));
  }
  selectors.forEach((selector, index) => {
    errors.push(...validateLabelSelector(selector, options, selectorsPath.index(index)));
  });
  return errors;
}

export function validateClusterRole(role: ClusterRole): FieldError[] {
  return validateClusterRoleWith(role, {});
}

export function validateClusterRoleUpdate(role: ClusterRole, old: ClusterRole): FieldError[] {
  const allowInvalidLabelValueInSelector = listOf(old.aggregationRule?.clusterRoleSelectors).some(hasInvalidLabelValue);
  return validateClusterRoleWith(role, { allowInvalidLabelValueInSelector });
}

function validateSubject(subject: Subject, isNamespaced: boolean, path: Path, errors: FieldError[]): void {
  const { kind = '', name = '', apiGroup = '', namespace = '' } = subject;
  if (name === '') errors.push(path.child('name').required());
  if (kind === 'ServiceAccount') {
    if (name !== '') validateByRule(isDNS1123Subdomain, name, path.child('name'), errors);
    if (apiGroup !== '') errors.push(path.child('apiGroup').notSupported(apiGroup, ['']));
    if (!isNamespaced && namespace === '') errors.push(path.child('namespace').required());
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== rbacGroup) errors.push(path.child('apiGroup').notSupported(apiGroup, [rbacGroup]));
  } else {
    errors.push(path.child('kind').notSupported(kind, subjectKinds));
  }
}

function validateBinding(
  roleRef: Partial<RoleRef>,
  subjects: readonly Subject[] | null | undefined,
  roleKinds: readonly string[],
  isNamespaced: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const { apiGroup = '', kind = '', name = '' } = roleRef;
  if (apiGroup !== rbacGroup) errors.push(roleRefGroupPath.notSupported(apiGroup, [rbacGroup]));
  if (!roleKinds.includes(kind)) errors.push(roleRefKindPath.notSupported(kind, roleKinds));
  if (name === '') errors.push(roleRefNamePath.required());
  else validateByRule(isPathSegmentName, name, roleRefNamePath, errors);
  listOf(subjects).forEach((subject, index) =>
    validateSubject(subject, isNamespaced, subjectsPath.index(index), errors),
  );
  return errors;
}

export function validateRoleBinding({ roleRef, subjects }: RoleBinding): FieldError[] {
  return validateBinding(orZero(roleRef), subjects, ['Role', 'ClusterRole'], true);
}

export function validateClusterRoleBinding({ roleRef, subjects }: ClusterRoleBinding): FieldError[] {
  return validateBinding(orZero(roleRef), subjects, ['ClusterRole'], false);
}

/** Who may write a binding may not thereby hand on another role than the one it was made for. */
function validateSameRole(roleRef: Partial<RoleRef>, old: Partial<RoleRef>, errors: FieldError[]): void {
  const { apiGroup: APIGroup = '', kind: Kind = '', name: Name = '' } = roleRef;
  if (APIGroup === (old.apiGroup ?? '') && Kind === (old.kind ?? '') && Name === (old.name ?? '')) return;
  // Upstream prints its internal type here, whose fields have Go's names.
  errors.push(roleRefPath.invalid({ APIGroup, Kind, Name }, 'cannot change roleRef'));
}

export function validateRoleBindingUpdate(binding: RoleBinding, old: RoleBinding): FieldError[] {
  const errors = validateRoleBinding(binding);
  validateSameRole(orZero(binding.roleRef), orZero(old.roleRef), errors);
  return errors;
}

export function validateClusterRoleBindingUpdate(binding: ClusterRoleBinding, old: ClusterRoleBinding): FieldError[] {
  const errors = validateClusterRoleBinding(binding);
  validateSameRole(orZero(binding.roleRef), orZero(old.roleRef), errors);
  return errors;
}
