/**
 * Nobody grants what they do not hold
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping): who
 * writes a role needs its rules or the verb `escalate`, and who writes a binding needs its role's or the verb `bind`.
 */
import type { KubernetesObject, UserInfo } from '../../../api/contract.ts';
import type { ClusterRole, PolicyRule, Role, RoleBinding, RoleRef } from '../../../api/types/rbac.v1.ts';
import { deepEqual } from '../../../machinery/deep-equal.ts';
import { forbidden, notFound } from '../../../machinery/status.ts';
import { mastersGroup } from '../../authentication/users.ts';
import type { Authorizer, RequestInfo } from '../../contract.ts';
import { resourceOf, type ResourceRequest } from '../../registry/request.ts';
import type { PendingWrite, Reservation, WriteHook } from '../../registry/write-hook.ts';
import type { RbacAuthorizer } from './authorizer.ts';
import { rbacGroup } from './binding.ts';
import { uncoveredRules } from './covers.ts';
import { escalationText } from './escalation-text.ts';

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

const nothingHeld: Reservation = { alongside: () => ({ compare: [], success: [] }), release: () => {} };

/** The checks for all four kinds. They are made whatever the authorizers are: AlwaysAllow allows `escalate` and `bind`. */
export function escalationHooks(rbac: RbacAuthorizer, authorizer: Authorizer): readonly WriteHook[] {
  const checks = new EscalationChecks(rbac, authorizer);
  const hook = (resource: string, check: EscalationCheck): WriteHook => ({
    group: rbacGroup,
    resource,
    async reserve(request, write) {
      const { user } = request;
      // The server writes its own policy in this group's name.
      if (user.groups.includes(mastersGroup) || onlyChangesGarbageFields(write)) return nothingHeld;
      await rbac.loaded();
      await check(request, write);
      return nothingHeld;
    },
    removal: () => [],
  });
  return [
    hook('roles', (request, write) => checks.role(request, write)),
    hook('clusterroles', (request, write) => checks.role(request, write)),
    hook('rolebindings', (request, write) => checks.binding(request, write)),
    hook('clusterrolebindings', (request, write) => checks.binding(request, write)),
  ];
}

type EscalationCheck = (request: ResourceRequest, write: PendingWrite) => Promise<void>;

class EscalationChecks {
  readonly #rbac: RbacAuthorizer;
  readonly #authorizer: Authorizer;

  constructor(rbac: RbacAuthorizer, authorizer: Authorizer) {
    this.#rbac = rbac;
    this.#authorizer = authorizer;
  }

  async role(request: ResourceRequest, { object, old }: PendingWrite): Promise<void> {
    const { info, user } = request;
    // As the request names it: who may escalate one role only cannot create it.
    if (await this.#isAllowed(user, { ...info, verb: 'escalate' })) return;
    const problem = this.#problem(user, info.namespace, (object as Role).rules ?? []);
    if (problem !== undefined) throw forbidden(resourceOf(request), nameOf(request, object), problem);
    if (!isAggregated(object) && !isAggregated(old)) return;
    // Whatever rules come by aggregation, their author must hold.
    if (this.#problem(user, info.namespace, everything) === undefined) return;
    throw forbidden(
      resourceOf(request),
      nameOf(request, object),
      'must have cluster-admin privileges to use the aggregationRule',
    );
  }

  async binding(request: ResourceRequest, { object }: PendingWrite): Promise<void> {
    const { info, user } = request;
    const { roleRef } = object as RoleBinding;
    const resource = bindableResources[roleRef?.kind ?? ''];
    // Validation, which comes next, refuses every other kind.
    if (resource === undefined) return;
    const asked: RequestInfo = {
      isResourceRequest: true,
      path: '',
      verb: 'bind',
      apiPrefix: '',
      apiGroup: roleRef.apiGroup ?? '',
      apiVersion: '*',
      namespace: info.namespace,
      resource,
      subresource: '',
      name: roleRef.name,
      remainder: '',
    };
    if (await this.#isAllowed(user, asked)) return;
    const problem = this.#problem(user, info.namespace, this.#rulesOf(roleRef, info.namespace));
    if (problem !== undefined) throw forbidden(resourceOf(request), nameOf(request, object), problem);
  }

  #rulesOf({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] {
    const rules = this.#rbac.index.roleRules(kind === 'ClusterRole' ? '' : namespace, name);
    if (rules === undefined) throw notFound({ group: rbacGroup, resource: kind.toLowerCase() }, name);
    return rules;
  }

  /** Why a user may not grant these rules; undefined when they hold them all. */
  #problem(user: UserInfo, namespace: string, rules: readonly PolicyRule[]): string | undefined {
    const held = this.#rbac.index.rulesOf(user, namespace);
    const missing = uncoveredRules(held.rules, rules);
    return missing.length === 0 ? undefined : escalationText(user, missing, held.errors);
  }

  async #isAllowed(user: UserInfo, request: RequestInfo): Promise<boolean> {
    const { verdict } = await this.#authorizer.authorize({ user, request });
    return verdict === 'allow';
  }
}

const bindableResources: Readonly<Record<string, string>> = { ClusterRole: 'clusterroles', Role: 'roles' };

function nameOf({ info }: ResourceRequest, object: KubernetesObject): string {
  return info.name || (object.metadata?.name ?? '');
}

function isAggregated(role: KubernetesObject | undefined): boolean {
  return role !== undefined && (role as ClusterRole).aggregationRule !== undefined;
}

/** Whether an update changes nothing but what the garbage collector has to: owners and finalizers. */
function onlyChangesGarbageFields({ object, old }: PendingWrite): boolean {
  if (old === undefined) return false;
  return deepEqual(withoutGarbageFields(object), withoutGarbageFields(old));
}

function withoutGarbageFields(object: KubernetesObject): object {
  const {
    ownerReferences: _owners,
    finalizers: _finalizers,
    managedFields: _fields,
    ...metadata
  } = object.metadata ?? {};
  return { ...object, metadata };
}
