import type { UserInfo } from '../../../api/contract.ts';
import type { PolicyRule, Subject } from '../../../api/types/rbac.v1.ts';
import type { Decision, RequestInfo } from '../../contract.ts';
import { aggregated } from '../aggregated.ts';
import { describeGrant, missingRoleText, principalOf, roleKeyOf, type Binding } from './binding.ts';
import { combinedResource } from './rule-match.ts';
import { RuleTable } from './rule-table.ts';

/** A subject's share in a binding: what a rule was granted by. */
class Grant {
  readonly binding: Binding;
  readonly subject: Subject;
  #decision: Decision | undefined;

  constructor(binding: Binding, subject: Subject) {
    this.binding = binding;
    this.subject = subject;
  }

  get decision(): Decision {
    return (this.#decision ??= { verdict: 'allow', reason: describeGrant(this.binding, this.subject) });
  }
}

/** Everything that one user or group is granted in one scope. */
interface Holder {
  readonly grants: Set<Grant>;
  /** Made when it is asked for, dropped when one of its bindings or roles changes. */
  compiled: { readonly table: RuleTable<Grant>; readonly missing: readonly string[] } | undefined;
}

/** The bindings of one namespace, or those of the whole cluster. */
interface Scope {
  readonly users: Map<string, Holder>;
  readonly groups: Map<string, Holder>;
}

const noOpinion: Decision = { verdict: 'noOpinion', reason: '' };

/** All roles and bindings, by who holds them. A change touches those alone whom it concerns. */
export class PolicyIndex {
  readonly #roles = new Map<string, readonly PolicyRule[]>();
  readonly #bindings = new Map<string, Grant[]>();
  readonly #holdersByRole = new Map<string, Map<Holder, number>>();
  readonly #cluster: Scope = { users: new Map(), groups: new Map() };
  readonly #namespaces = new Map<string, Scope>();

  /** @param rules Undefined when the role is gone. */
  setRole(namespace: string, name: string, rules: readonly PolicyRule[] | undefined): void {
    const key = `${namespace}/${name}`;
    if (rules === undefined) this.#roles.delete(key);
    else this.#roles.set(key, rules);
    for (const holder of this.#holdersByRole.get(key)?.keys() ?? []) holder.compiled = undefined;
  }

  /** @param binding Undefined when it is gone. */
  setBinding(namespace: string, name: string, binding: Binding | undefined): void {
    const key = `${namespace}/${name}`;
    for (const grant of this.#bindings.get(key) ?? []) this.#revoke(grant);
    this.#bindings.delete(key);
    if (binding === undefined) return;
    const grants = binding.subjects.map((subject) => new Grant(binding, subject));
    this.#bindings.set(key, grants);
    for (const grant of grants) this.#give(grant);
  }

  /** The rules of a role; undefined when there is none. `namespace` is '' for a ClusterRole. */
  roleRules(namespace: string, name: string): readonly PolicyRule[] | undefined {
    return this.#roles.get(`${namespace}/${name}`);
  }

  /** Allows, or says in `reason` which roles could not be found. */
  decide(user: UserInfo, request: RequestInfo): Decision {
    const combined = combinedResource(request);
    const ofAny = request.subresource === '' ? '' : `*/${request.subresource}`;
    let missing: Set<string> | undefined;
    for (const scope of this.#scopesOf(request.isResourceRequest ? request.namespace : '')) {
      for (const holder of holdersOf(scope, user)) {
        const compiled = (holder.compiled ??= this.#compile(holder));
        const grant = compiled.table.find(request, combined, ofAny);
        if (grant !== undefined) return grant.decision;
        if (compiled.missing.length > 0) missing = new Set([...(missing ?? []), ...compiled.missing]);
      }
    }
    return missing === undefined ? noOpinion : { verdict: 'noOpinion', reason: `RBAC: ${aggregated([...missing])}` };
  }

  /** Every rule that a user holds in a namespace ('': in the cluster), and what is wrong with their bindings. */
  rulesOf(
    user: UserInfo,
    namespace: string,
  ): { readonly rules: readonly PolicyRule[]; readonly errors: readonly string[] } {
    const rules: PolicyRule[] = [];
    const errors: string[] = [];
    const seen = new Set<Binding>();
    for (const scope of this.#scopesOf(namespace)) {
      for (const { grants } of holdersOf(scope, user)) {
        for (const { binding } of grants) {
          if (seen.has(binding)) continue;
          seen.add(binding);
          const held = this.#rulesBehind(binding);
          if (held === undefined) errors.push(missingRoleText(binding.roleRef));
          else rules.push(...held);
        }
      }
    }
    return { rules, errors: [...new Set(errors)] };
  }

  #scopesOf(namespace: string): readonly Scope[] {
    const scope = namespace === '' ? undefined : this.#namespaces.get(namespace);
    return scope === undefined ? [this.#cluster] : [this.#cluster, scope];
  }

  #rulesBehind({ roleRef, namespace }: Binding): readonly PolicyRule[] | undefined {
    const key = roleKeyOf(roleRef, namespace);
    return key === undefined ? undefined : this.#roles.get(key);
  }

  #compile({ grants }: Holder): NonNullable<Holder['compiled']> {
    const table = new RuleTable<Grant>();
    const missing: string[] = [];
    for (const grant of grants) {
      const rules = this.#rulesBehind(grant.binding);
      if (rules === undefined) missing.push(missingRoleText(grant.binding.roleRef));
      else for (const rule of rules) table.add(rule, grant);
    }
    return { table, missing };
  }

  #give(grant: Grant): void {
    const { binding, subject } = grant;
    const principal = principalOf(subject, binding.namespace);
    if (principal === undefined) return;
    let scope = binding.namespace === '' ? this.#cluster : this.#namespaces.get(binding.namespace);
    if (scope === undefined) this.#namespaces.set(binding.namespace, (scope = { users: new Map(), groups: new Map() }));
    const holders = principal.kind === 'user' ? scope.users : scope.groups;
    let holder = holders.get(principal.name);
    if (holder === undefined) holders.set(principal.name, (holder = { grants: new Set(), compiled: undefined }));
    holder.grants.add(grant);
    holder.compiled = undefined;
    const roleKey = roleKeyOf(binding.roleRef, binding.namespace);
    if (roleKey === undefined) return;
    let ofRole = this.#holdersByRole.get(roleKey);
    if (ofRole === undefined) this.#holdersByRole.set(roleKey, (ofRole = new Map()));
    ofRole.set(holder, (ofRole.get(holder) ?? 0) + 1);
  }

  #revoke(grant: Grant): void {
    const { binding, subject } = grant;
    const principal = principalOf(subject, binding.namespace);
    const scope = binding.namespace === '' ? this.#cluster : this.#namespaces.get(binding.namespace);
    if (principal === undefined || scope === undefined) return;
    const holders = principal.kind === 'user' ? scope.users : scope.groups;
    const holder = holders.get(principal.name);
    if (holder === undefined) return;
    holder.grants.delete(grant);
    holder.compiled = undefined;
    if (holder.grants.size === 0) holders.delete(principal.name);
    if (scope !== this.#cluster && scope.users.size + scope.groups.size === 0) {
      this.#namespaces.delete(binding.namespace);
    }
    const roleKey = roleKeyOf(binding.roleRef, binding.namespace);
    if (roleKey === undefined) return;
    const ofRole = this.#holdersByRole.get(roleKey);
    const count = ofRole?.get(holder) ?? 0;
    if (count > 1) ofRole?.set(holder, count - 1);
    else ofRole?.delete(holder);
    if (ofRole?.size === 0) this.#holdersByRole.delete(roleKey);
  }
}

function holdersOf({ users, groups }: Scope, user: UserInfo): readonly Holder[] {
  const holders: Holder[] = [];
  const asUser = users.get(user.username);
  if (asUser !== undefined) holders.push(asUser);
  for (const group of user.groups) {
    const asGroup = groups.get(group);
    if (asGroup !== undefined) holders.push(asGroup);
  }
  return holders;
}
