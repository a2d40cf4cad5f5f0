import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../machinery/names.ts';
import { listOf, orZero, validateByRule, validateEnum } from '../field-rules.ts';
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../types/flowcontrol.v1.ts';
import { mandatoryFlowSchemaSpecs } from './mandatory.ts';

const specPath = root('spec');
const precedencePath = specPath.child('matchingPrecedence');
const distinguisherPath = specPath.child('distinguisherMethod').child('type');
const levelPath = specPath.child('priorityLevelConfiguration').child('name');
const rulesPath = specPath.child('rules');
const conditionsPath = root('status').child('conditions');
const maxMatchingPrecedence = 10_000;
const distinguishers = ['ByNamespace', 'ByUser'];
const subjectKinds = ['Group', 'ServiceAccount', 'User'];
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const subjectFields = [
  ['serviceAccount', 'ServiceAccount'],
  ['user', 'User'],
  ['group', 'Group'],
] as const;

function validateServiceAccount(
  subject: Partial<NonNullable<Subject['serviceAccount']>>,
  path: Path,
  errors: FieldError[],
): void {
  const { name = '', namespace = '' } = subject;
  if (name === '') errors.push(path.child('name').required());
  else if (name !== '*') validateByRule(isDNS1123Subdomain, name, path.child('name'), errors);
  if (namespace === '') errors.push(path.child('namespace').required('must specify namespace for service account'));
  else validateByRule(isDNS1123Label, namespace, path.child('namespace'), errors);
}

function validateSubject(subject: Subject, path: Path, errors: FieldError[]): void {
  const kind = subject.kind ?? '';
  const own = subjectFields.find(([, subjectKind]) => subjectKind === kind)?.[0];
  if (own === undefined) {
    validateEnum(kind, subjectKinds, path.child('kind'), errors);
    return;
  }
  const named = subject[own] ?? undefined;
  const ownPath = path.child(own);
  if (named === undefined) errors.push(ownPath.required(`${own} is required when subject kind is '${kind}'`));
  else if (own === 'serviceAccount') validateServiceAccount(named, ownPath, errors);
  else if (!named.name) errors.push(ownPath.child('name').required());
  for (const [field, subjectKind] of subjectFields) {
    if (field === own || !subject[field]) continue;
    errors.push(path.child(field).forbidden(`${field} is forbidden when subject kind is not '${subjectKind}'`));
  }
}

function validateVerbs(list: readonly string[], path: Path, errors: FieldError[]): void {
  if (list.length === 0) errors.push(path.required('verbs must contain at least one value'));
  else if (list.includes('*')) refuseOthers(list, 'verbs', path, errors);
  else if (!list.every((verb) => verbs.includes(verb))) errors.push(path.notSupported(list, verbs));
}

/** `*` stands alone. */
function refuseOthers(list: readonly string[], what: string, path: Path, errors: FieldError[]): void {
  if (list.length > 1 && list.includes('*')) {
    errors.push(path.invalid(list, `if '*' is present, must not specify other ${what}`));
  }
}

function urlFault(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const star = url.indexOf('*');
  const isSuffix = star === url.length - 1 && url.endsWith('/*');
  return star >= 0 && !isSuffix ? 'wildcard can only do suffix matching' : undefined;
}

function validateNonResourceRule(rule: NonResourcePolicyRule, path: Path, errors: FieldError[]): void {
  validateVerbs(listOf(rule.verbs), path.child('verbs'), errors);
  const urls = listOf(rule.nonResourceURLs);
  const urlsPath = path.child('nonResourceURLs');
  if (urls.length === 0) errors.push(urlsPath.required('nonResourceURLs must contain at least one value'));
  else if (urls.includes('*')) refuseOthers(urls, 'non-resource URLs', urlsPath, errors);
  else {
    urls.forEach((url, index) => {
      const fault = urlFault(url);
      if (fault !== undefined) errors.push(urlsPath.index(index).invalid(url, fault));
    });
  }
}

function validateResourceRule(rule: ResourcePolicyRule, path: Path, errors: FieldError[]): void {
  validateVerbs(listOf(rule.verbs), path.child('verbs'), errors);
  const [groups, resources, namespaces] = [listOf(rule.apiGroups), listOf(rule.resources), listOf(rule.namespaces)];
  const [groupsPath, resourcesPath] = [path.child('apiGroups'), path.child('resources')];
  if (groups.length === 0) errors.push(groupsPath.required('resource rules must supply at least one api group'));
  else refuseOthers(groups, 'api groups', groupsPath, errors);
  if (resources.length === 0) errors.push(resourcesPath.required('resource rules must supply at least one resource'));
  else refuseOthers(resources, 'resources', resourcesPath, errors);
  const namespacesPath = path.child('namespaces');
  if (namespaces.length === 0 && rule.clusterScope !== true) {
    const detail = 'resource rules that are not cluster scoped must supply at least one namespace';
    errors.push(namespacesPath.required(detail));
  } else if (namespaces.includes('*')) refuseOthers(namespaces, 'namespaces', namespacesPath, errors);
  else {
    namespaces.forEach((namespace, index) => {
      for (const sentence of isDNS1123Label(namespace)) {
        const detail = `each member of this list must be '*' or a DNS-1123 label; ${sentence}`;
        errors.push(namespacesPath.index(index).invalid(namespace, detail));
      }
    });
  }
}

function validateRule(rule: PolicyRulesWithSubjects, path: Path, errors: FieldError[]): void {
  const subjects = listOf(rule.subjects);
  const subjectsPath = path.child('subjects');
  if (subjects.length === 0) errors.push(subjectsPath.required('subjects must contain at least one value'));
  subjects.forEach((subject, index) => validateSubject(subject, subjectsPath.index(index), errors));
  const [resourceRules, nonResourceRules] = [listOf(rule.resourceRules), listOf(rule.nonResourceRules)];
  if (resourceRules.length + nonResourceRules.length === 0) {
    errors.push(path.required('at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  resourceRules.forEach((resourceRule, index) => {
    validateResourceRule(resourceRule, path.child('resourceRules').index(index), errors);
  });
  nonResourceRules.forEach((nonResourceRule, index) => {
    validateNonResourceRule(nonResourceRule, path.child('nonResourceRules').index(index), errors);
  });
}

function validatePrecedence(precedence: number, name: string, errors: FieldError[]): void {
  if (precedence <= 0) errors.push(precedencePath.invalid(precedence, 'must be a positive value'));
  if (precedence > maxMatchingPrecedence) {
    errors.push(precedencePath.invalid(precedence, `must not be greater than ${maxMatchingPrecedence}`));
  }
  if (precedence === 1 && name !== 'exempt') {
    const detail = "only the schema named 'exempt' may have matchingPrecedence 1";
    errors.push(precedencePath.invalid(precedence, detail));
  }
}

export function validateFlowSchema({ metadata, spec: given }: FlowSchema): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(given);
  const name = metadata?.name ?? '';
  validatePrecedence(spec.matchingPrecedence ?? 0, name, errors);
  const distinguisher = spec.distinguisherMethod ?? undefined;
  if (distinguisher !== undefined && !distinguishers.includes(distinguisher.type ?? '')) {
    // Upstream prints its internal type here, whose field has Go's name.
    errors.push(distinguisherPath.notSupported({ Type: distinguisher.type ?? '' }, distinguishers));
  }
  const level = spec.priorityLevelConfiguration?.name ?? '';
  if (level === '') errors.push(levelPath.required('must reference a priority level'));
  else validateByRule(isDNS1123Subdomain, level, levelPath, errors);
  listOf(spec.rules).forEach((rule, index) => validateRule(rule, rulesPath.index(index), errors));
  const mandatory = mandatoryFlowSchemaSpecs.get(name);
  if (mandatory !== undefined && !semanticDeepEqual(spec, mandatory)) {
    errors.push(specPath.invalid(spec, `spec of '${name}' must equal the fixed value`));
  }
  return errors;
}

/** Conditions of flow schemas and of priority levels: each type once, and none without a type. */
export function validateFlowControlStatus(object: {
  readonly status?: { readonly conditions?: readonly { readonly type?: string }[] } | null;
}): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  listOf(object.status?.conditions).forEach((condition, index) => {
    const type = condition.type ?? '';
    const typePath = conditionsPath.index(index).child('type');
    if (types.has(type)) errors.push(typePath.duplicate(type));
    types.add(type);
    if (type === '') errors.push(typePath.required('must not be empty'));
  });
  return errors;
}
