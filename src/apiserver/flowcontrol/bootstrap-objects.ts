/** What every cluster's API Priority and Fairness begins with: upstream's mandatory and suggested objects (KEP-1040). */
import { mandatoryFlowSchemaSpecs, mandatoryPriorityLevelSpecs } from '../../api/flowcontrol/mandatory.ts';
import type {
  FlowSchema,
  FlowSchemaSpec,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  ResourcePolicyRule,
  Subject,
} from '../../api/types/flowcontrol.v1.ts';

export const flowControlGroup = 'flowcontrol.apiserver.k8s.io';
const apiVersion = `${flowControlGroup}/v1` as const;
/** Whether the server keeps an object's spec as it is here: `true` or `false`. */
export const autoUpdateAnnotation = 'apf.kubernetes.io/autoupdate-spec';

export const exemptName = 'exempt';
export const catchAllName = 'catch-all';

type Named<T extends { metadata: unknown }> = T & { readonly metadata: { readonly name: string } };
export type BootstrapFlowSchema = Named<FlowSchema>;
export type BootstrapPriorityLevel = Named<PriorityLevelConfiguration>;

function metadataOf(name: string): { name: string; annotations: Record<string, string> } {
  return { name, annotations: { [autoUpdateAnnotation]: 'true' } };
}

function level(name: string, spec: PriorityLevelConfigurationSpec): BootstrapPriorityLevel {
  return { apiVersion, kind: 'PriorityLevelConfiguration', metadata: metadataOf(name), spec };
}

function limited(name: string, shares: number, lendablePercent: number, queues: number, handSize: number) {
  return level(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent,
      limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
    },
  });
}

function mandatorySpec<T>(specs: ReadonlyMap<string, T>, name: string): T {
  const spec = specs.get(name);
  if (spec === undefined) throw new Error(`there is no mandatory ${name}`);
  return spec;
}

export const exemptLevel = level(exemptName, {
  ...mandatorySpec(mandatoryPriorityLevelSpecs, exemptName),
  exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 },
});
export const catchAllLevel = level(catchAllName, mandatorySpec(mandatoryPriorityLevelSpecs, catchAllName));

export const bootstrapPriorityLevels: readonly BootstrapPriorityLevel[] = [
  exemptLevel,
  catchAllLevel,
  limited('system', 30, 33, 64, 6),
  limited('node-high', 40, 25, 64, 6),
  limited('leader-election', 10, 0, 16, 4),
  limited('workload-high', 40, 50, 128, 6),
  limited('workload-low', 100, 90, 128, 6),
  limited('global-default', 20, 50, 128, 6),
];

type Distinguisher = 'ByUser' | 'ByNamespace' | undefined;

function schema(
  name: string,
  priorityLevel: string,
  matchingPrecedence: number,
  distinguisher: Distinguisher,
  rules: PolicyRulesWithSubjects,
): BootstrapFlowSchema {
  return schemaOf(name, {
    priorityLevelConfiguration: { name: priorityLevel },
    matchingPrecedence,
    ...(distinguisher === undefined ? {} : { distinguisherMethod: { type: distinguisher } }),
    rules: [rules],
  });
}

function schemaOf(name: string, spec: FlowSchemaSpec): BootstrapFlowSchema {
  return { apiVersion, kind: 'FlowSchema', metadata: metadataOf(name), spec };
}

function groups(...names: readonly string[]): Subject[] {
  return names.map((name) => ({ kind: 'Group', group: { name } }));
}

function users(...names: readonly string[]): Subject[] {
  return names.map((name) => ({ kind: 'User', user: { name } }));
}

function systemAccounts(...names: readonly string[]): Subject[] {
  return names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { name, namespace: 'kube-system' } }));
}

function everythingBy(subjects: Subject[]): PolicyRulesWithSubjects {
  return {
    subjects,
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  };
}

/** In every namespace. */
function resources(verbs: string[], apiGroup: string, ...names: readonly string[]): ResourcePolicyRule {
  return { verbs, apiGroups: [apiGroup], resources: [...names], namespaces: ['*'] };
}

const everybody = groups('system:unauthenticated', 'system:authenticated');
const leaderVerbs = ['get', 'create', 'update'];
const leases = 'coordination.k8s.io';
const controllerManager = 'system:kube-controller-manager';
const scheduler = 'system:kube-scheduler';

export const exemptSchema = schemaOf(exemptName, mandatorySpec(mandatoryFlowSchemaSpecs, exemptName));
export const catchAllSchema = schemaOf(catchAllName, mandatorySpec(mandatoryFlowSchemaSpecs, catchAllName));

export const bootstrapFlowSchemas: readonly BootstrapFlowSchema[] = [
  exemptSchema,
  catchAllSchema,
  schema('probes', exemptName, 2, undefined, {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  schema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...users(controllerManager, scheduler), ...systemAccounts('*')],
    resourceRules: [resources(leaderVerbs, leases, 'leases')],
  }),
  schema('endpoint-controller', 'workload-high', 150, 'ByUser', {
    subjects: [
      ...users(controllerManager),
      ...systemAccounts('endpoint-controller', 'endpointslicemirroring-controller'),
    ],
    resourceRules: [resources(leaderVerbs, '', 'endpoints')],
  }),
  schema('workload-leader-election', 'leader-election', 200, 'ByUser', {
    subjects: systemAccounts('*'),
    resourceRules: [resources(leaderVerbs, '', 'endpoints', 'configmaps'), resources(leaderVerbs, leases, 'leases')],
  }),
  schema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: groups('system:nodes'),
    resourceRules: [
      { ...resources(['*'], '', 'nodes', 'nodes/status'), clusterScope: true },
      resources(['*'], leases, 'leases'),
    ],
  }),
  schema('system-nodes', 'system', 500, 'ByUser', everythingBy(groups('system:nodes'))),
  schema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', everythingBy(users(controllerManager))),
  schema('kube-scheduler', 'workload-high', 800, 'ByNamespace', everythingBy(users(scheduler))),
  schema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', everythingBy(systemAccounts('*'))),
  schema('service-accounts', 'workload-low', 9000, 'ByUser', everythingBy(groups('system:serviceaccounts'))),
  schema('global-default', 'global-default', 9900, 'ByUser', everythingBy(everybody)),
];
