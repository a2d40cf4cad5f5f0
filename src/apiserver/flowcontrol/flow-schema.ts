import type { UserInfo } from '../../api/contract.ts';
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/types/flowcontrol.v1.ts';
import type { RequestInfo } from '../contract.ts';

/** What a rule's list allows; undefined: everything. */
type Allowed = ReadonlySet<string> | undefined;

interface ResourceRule {
  readonly verbs: Allowed;
  readonly apiGroups: Allowed;
  /** Subresources as `resource/subresource`. */
  readonly resources: Allowed;
  readonly namespaces: Allowed;
  readonly clusterScope: boolean;
}

interface PathRule {
  readonly verbs: Allowed;
  readonly paths: Allowed;
  /** Each ends in a slash. */
  readonly prefixes: readonly string[];
}

const serviceAccountPrefix = 'system:serviceaccount:';

/** A FlowSchema, made ready to be asked about every request. */
export class CompiledFlowSchema {
  readonly name: string;
  readonly uid: string;
  readonly levelName: string;
  readonly precedence: number;
  readonly #distinguisher: string | undefined;
  readonly #rules: readonly CompiledRule[];

  constructor({ metadata, spec }: FlowSchema) {
    this.name = metadata.name ?? '';
    this.uid = metadata.uid ?? '';
    this.levelName = spec.priorityLevelConfiguration.name;
    this.precedence = spec.matchingPrecedence ?? 0;
    this.#distinguisher = spec.distinguisherMethod?.type;
    this.#rules = (spec.rules ?? []).map((rule) => new CompiledRule(rule));
  }

  matches(user: UserInfo, request: RequestInfo): boolean {
    for (const rule of this.#rules) if (rule.matches(user, request)) return true;
    return false;
  }

  /** What tells the flows of this schema apart. */
  distinguish(user: UserInfo, request: RequestInfo): string {
    if (this.#distinguisher === 'ByUser') return user.username;
    return this.#distinguisher === 'ByNamespace' ? request.namespace : '';
  }
}

/** The order in which schemas are asked: by precedence, then by name. */
export function byPrecedence(a: CompiledFlowSchema, b: CompiledFlowSchema): number {
  return a.precedence - b.precedence || (a.name < b.name ? -1 : 1);
}

class CompiledRule {
  readonly #users = new Set<string>();
  readonly #groups = new Set<string>();
  /** `system:serviceaccount:NAMESPACE:` of namespaces with all their accounts. */
  readonly #accountPrefixes: string[] = [];
  #isForAll = false;
  readonly #resourceRules: readonly ResourceRule[];
  readonly #pathRules: readonly PathRule[];

  constructor({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects) {
    for (const subject of subjects ?? []) this.#add(subject);
    this.#resourceRules = (resourceRules ?? []).map(compileResourceRule);
    this.#pathRules = (nonResourceRules ?? []).map(compilePathRule);
  }

  matches(user: UserInfo, request: RequestInfo): boolean {
    if (!this.#isOf(user)) return false;
    if (request.isResourceRequest) {
      for (const rule of this.#resourceRules) if (matchesResource(rule, request)) return true;
    } else {
      for (const rule of this.#pathRules) if (matchesPath(rule, request)) return true;
    }
    return false;
  }

  #add({ kind, user, group, serviceAccount }: Subject): void {
    if (kind === 'User' && user) {
      if (user.name === '*') this.#isForAll = true;
      else this.#users.add(user.name);
    } else if (kind === 'Group' && group) {
      if (group.name === '*') this.#isForAll = true;
      else this.#groups.add(group.name);
    } else if (kind === 'ServiceAccount' && serviceAccount) {
      const prefix = `${serviceAccountPrefix}${serviceAccount.namespace}:`;
      if (serviceAccount.name === '*') this.#accountPrefixes.push(prefix);
      else this.#users.add(prefix + serviceAccount.name);
    }
  }

  #isOf({ username, groups }: UserInfo): boolean {
    if (this.#isForAll || this.#users.has(username)) return true;
    if (this.#groups.size > 0) for (const group of groups) if (this.#groups.has(group)) return true;
    for (const prefix of this.#accountPrefixes) if (username.startsWith(prefix)) return true;
    return false;
  }
}

/** A wildcard counts alone, as validation has it. */
function allowed(values: readonly string[] | null | undefined): Allowed {
  return values?.length === 1 && values[0] === '*' ? undefined : new Set(values ?? []);
}

function compileResourceRule({
  verbs,
  apiGroups,
  resources,
  namespaces,
  clusterScope,
}: ResourcePolicyRule): ResourceRule {
  return {
    verbs: allowed(verbs),
    apiGroups: allowed(apiGroups),
    resources: allowed(resources),
    namespaces: allowed(namespaces),
    clusterScope: clusterScope === true,
  };
}

/** Any path covers what is below it, with and without an asterisk. */
function compilePathRule({ verbs, nonResourceURLs }: NonResourcePolicyRule): PathRule {
  const urls = nonResourceURLs ?? [];
  const prefixes = urls.map((url) => url.replace(/\*$/, '')).map((url) => (url.endsWith('/') ? url : `${url}/`));
  return { verbs: allowed(verbs), paths: urls.includes('*') ? undefined : new Set(urls), prefixes };
}

function isIn(allowedValues: Allowed, value: string): boolean {
  return allowedValues === undefined || allowedValues.has(value);
}

function matchesResource(rule: ResourceRule, request: RequestInfo): boolean {
  const { verb, apiGroup, resource, subresource, namespace } = request;
  if (!isIn(rule.verbs, verb) || !isIn(rule.apiGroups, apiGroup)) return false;
  if (rule.resources !== undefined && !rule.resources.has(subresource === '' ? resource : `${resource}/${subresource}`))
    return false;
  return namespace === '' ? rule.clusterScope : isIn(rule.namespaces, namespace);
}

function matchesPath({ verbs, paths, prefixes }: PathRule, { verb, path }: RequestInfo): boolean {
  if (!isIn(verbs, verb)) return false;
  return isIn(paths, path) || prefixes.some((prefix) => path.startsWith(prefix));
}
