import type { ClusterRole } from '../../api/types/rbac.v1.ts';
import { aggregatedRules } from '../../api/rbac/aggregation.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { clusterRoles } from '../../client/resources.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import type { Controller, ControllerContext, ControllerDefinition } from '../contract.ts';

/** Gives ClusterRoles that are made of others the rules of those. */
class ClusterRoleAggregation implements Controller {
  readonly #context: ControllerContext;
  readonly #roles: Informer<ClusterRole>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#roles = context.informers.of(clusterRoles);
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('ClusterRoleAggregator'),
      workers: 5,
      reconcile: (name, cause) => this.#reconcile(name, cause),
    });
    // A change of any role may be one of those that are made of it.
    const changed = ({ metadata }: ClusterRole): void => {
      for (const role of this.#roles.lister.values()) {
        if (role.aggregationRule !== undefined) this.#loop.enqueue(role.metadata.name ?? '', metadata.resourceVersion);
      }
    };
    this.#roles.addHandlers({ added: changed, updated: changed, deleted: changed });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#roles.synced;
    await this.#loop.run(signal);
  }

  async #reconcile(name: string, cause: string | undefined): Promise<void> {
    const role = this.#roles.lister.get(name);
    if (role === undefined) return;
    const rules = aggregatedRules(role, [...this.#roles.lister.values()]);
    if (rules === undefined || semanticDeepEqual(rules, role.rules ?? [])) return;
    const applied = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules,
    };
    // As upstream: it owns the rules, and takes them from whoever wrote them there.
    await this.#context.client.causedBy(cause).patch(clusterRoles, undefined, name, 'apply', applied, {
      fieldManager: 'clusterrole-aggregation-controller',
      force: true,
    });
  }
}

export const clusterRoleAggregationController: ControllerDefinition = {
  name: 'clusterrole-aggregation-controller',
  alias: 'clusterrole-aggregation',
  serviceAccount: 'clusterrole-aggregation-controller',
  create: (context) => new ClusterRoleAggregation(context),
};
