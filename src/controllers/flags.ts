/** The flags of kube-controller-manager, in upstream's names. */
import { flag, section } from '../machinery/flags/flag-set.ts';
import * as types from '../machinery/flags/flag-types.ts';
import { loggingFlags } from '../machinery/flags/logging-flags.ts';
import { defaultControllerManagerOptions as defaults } from './options.ts';

const natural = types.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const positive = types.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const rate = types.decimal({ min: 0, max: 1e6 });
const period = types.durationMs({ minMs: 1 });
const span = types.durationMs({ minMs: 0 });
const { concurrentSyncs: syncs, horizontalPodAutoscaler: autoscaler } = defaults;

function workers(count: number, of: string): ReturnType<typeof flag<number>> {
  return flag(positive, count, `How many ${of} are worked on at a time.`);
}

export const controllerManagerFlags = {
  ...section('Generic', {
    controllers: flag(
      types.list,
      ['*'],
      "Which controllers run: '*' all that are on by default, 'foo' the controller foo, '-foo' not foo.",
    ),
    kubeconfig: flag(types.optionalText, undefined, 'The file that says where the API server is, and as whom to ask.'),
    'use-service-account-credentials': flag(types.boolean, true, 'Each controller acts as its own service account.'),
  }),
  ...section('Leader election', {
    'leader-elect': flag(types.boolean, true, 'Only the holder of a Lease works: of several managers one.'),
    'leader-elect-lease-duration': flag(period, 15_000, 'After so long without renewal others may take the Lease.'),
    'leader-elect-renew-deadline': flag(period, 10_000, 'A leader that could not renew for so long stops.'),
    'leader-elect-retry-period': flag(period, 2_000, 'The time between tries to take or renew the Lease.'),
    'leader-elect-resource-name': flag(types.text, 'kube-controller-manager', 'The name of the Lease.'),
    'leader-elect-resource-namespace': flag(types.text, 'kube-system', 'The namespace of the Lease.'),
  }),
  ...section('Secure serving', {
    'bind-address': flag(types.address, '127.0.0.1', 'The address for health, metrics and configuration.'),
    'secure-port': flag(types.integer({ min: 0, max: 65_535 }), 10_257, 'The port for them; 0: they are not served.'),
    'tls-cert-file': flag(types.optionalText, undefined, 'PEM. Default: a certificate made at the start.'),
    'tls-private-key-file': flag(types.optionalText, undefined, 'PEM.'),
    'client-ca-file': flag(types.optionalText, undefined, 'Whom client certificates must be signed by.'),
  }),
  ...section('Concurrency', {
    'concurrent-replicaset-syncs': workers(syncs.replicaSet, 'ReplicaSets'),
    'concurrent-rc-syncs': workers(syncs.replicationController, 'ReplicationControllers'),
    'concurrent-deployment-syncs': workers(syncs.deployment, 'Deployments'),
    'concurrent-statefulset-syncs': workers(syncs.statefulSet, 'StatefulSets'),
    'concurrent-daemonset-syncs': workers(syncs.daemonSet, 'DaemonSets'),
    'concurrent-job-syncs': workers(syncs.job, 'Jobs'),
    'concurrent-cron-job-syncs': workers(syncs.cronJob, 'CronJobs'),
    'concurrent-endpoint-syncs': workers(syncs.endpoint, 'Services for Endpoints'),
    'concurrent-service-endpoint-syncs': workers(syncs.serviceEndpoint, 'Services for EndpointSlices'),
    'concurrent-namespace-syncs': workers(syncs.namespace, 'Namespaces'),
    'concurrent-gc-syncs': workers(syncs.gc, 'objects to collect'),
    'concurrent-resource-quota-syncs': workers(syncs.resourceQuota, 'ResourceQuotas'),
    'concurrent-serviceaccount-token-syncs': workers(syncs.serviceAccountToken, 'tokens of ServiceAccounts'),
    'concurrent-horizontal-pod-autoscaler-syncs': workers(syncs.horizontalPodAutoscaler, 'autoscalers'),
    'concurrent-ttl-after-finished-syncs': workers(syncs.ttlAfterFinished, 'finished Jobs'),
    'concurrent-ephemeralvolume-syncs': workers(syncs.ephemeralVolume, 'ephemeral volumes'),
  }),
  ...section('Nodes', {
    'node-monitor-period': flag(period, defaults.nodeMonitorPeriodMs, 'How often the state of nodes is looked at.'),
    'node-monitor-grace-period': flag(
      period,
      defaults.nodeMonitorGracePeriodMs,
      'A node that says nothing for so long is unhealthy.',
    ),
    'node-startup-grace-period': flag(period, defaults.nodeStartupGracePeriodMs, 'The same for one that is starting.'),
    'node-eviction-rate': flag(rate, defaults.nodeEvictionRate, 'Nodes a second whose Pods are evicted.'),
    'secondary-node-eviction-rate': flag(
      rate,
      defaults.secondaryNodeEvictionRate,
      'The same in a zone most of whose nodes are unhealthy.',
    ),
    'large-cluster-size-threshold': flag(
      natural,
      defaults.largeClusterSizeThreshold,
      'In smaller zones that are unhealthy nothing is evicted.',
    ),
    'unhealthy-zone-threshold': flag(
      types.decimal({ min: 0, max: 1 }),
      defaults.unhealthyZoneThreshold,
      'The share of unhealthy nodes (three at least) from which on a zone is.',
    ),
    'allocate-node-cidrs': flag(types.boolean, defaults.allocateNodeCIDRs, 'Nodes get networks for their Pods.'),
    'cluster-cidr': flag(types.list, [], 'The networks that these come from.'),
    'service-cluster-ip-range': flag(types.list, [], 'The addresses of Services: no node gets a network of them.'),
    'node-cidr-mask-size-ipv4': flag(types.integer({ min: 1, max: 32 }), defaults.nodeCIDRMaskSizeIPv4, 'Their size.'),
    'node-cidr-mask-size-ipv6': flag(types.integer({ min: 1, max: 128 }), defaults.nodeCIDRMaskSizeIPv6, 'Their size.'),
  }),
  ...section('Pods', {
    'terminated-pod-gc-threshold': flag(
      types.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
      defaults.terminatedPodGCThreshold,
      'So many finished Pods are kept; 0 or less: all.',
    ),
    'horizontal-pod-autoscaler-sync-period': flag(period, autoscaler.syncPeriodMs, 'How often autoscalers look.'),
    'horizontal-pod-autoscaler-downscale-stabilization': flag(
      span,
      autoscaler.downscaleStabilizationMs,
      'How far back an autoscaler looks before it scales down.',
    ),
    'horizontal-pod-autoscaler-cpu-initialization-period': flag(
      span,
      autoscaler.cpuInitializationPeriodMs,
      'The CPU use of a Pod that is younger may not count.',
    ),
    'horizontal-pod-autoscaler-initial-readiness-delay': flag(
      span,
      autoscaler.initialReadinessDelayMs,
      'A Pod that was never ready within this time counts as not yet ready.',
    ),
    'horizontal-pod-autoscaler-tolerance': flag(
      types.decimal({ min: 0, max: 1 }),
      autoscaler.tolerance,
      'How far use may be from its target before anything is scaled.',
    ),
  }),
  ...section('Others', {
    'namespace-sync-period': flag(period, defaults.namespaceSyncPeriodMs, 'How often Namespaces are looked at again.'),
    'resource-quota-sync-period': flag(period, defaults.resourceQuotaSyncPeriodMs, 'How often quotas are counted.'),
    'enable-dynamic-provisioning': flag(
      types.boolean,
      defaults.enableDynamicProvisioning,
      'Volumes are made on demand.',
    ),
    'max-endpoints-per-slice': flag(
      types.integer({ min: 1, max: 1000 }),
      defaults.maxEndpointsPerSlice,
      'More endpoints make another EndpointSlice.',
    ),
    'mirroring-max-endpoints-per-subset': flag(
      types.integer({ min: 1, max: 1000 }),
      defaults.mirroringMaxEndpointsPerSubset,
      'More addresses of an Endpoints subset are not mirrored.',
    ),
    'endpoint-updates-batch-period': flag(span, defaults.endpointUpdatesBatchPeriodMs, 'Changes are gathered so long.'),
    'endpointslice-updates-batch-period': flag(
      span,
      defaults.endpointSliceUpdatesBatchPeriodMs,
      'Changes are gathered so long.',
    ),
    'root-ca-file': flag(types.optionalText, undefined, 'PEM, published in every namespace as kube-root-ca.crt.'),
    'cluster-signing-cert-file': flag(types.optionalText, undefined, 'PEM of the authority that signs requests.'),
    'cluster-signing-key-file': flag(types.optionalText, undefined, 'PEM of its key.'),
    'cluster-signing-duration': flag(period, defaults.clusterSigningDurationMs, 'How long certificates last at most.'),
    'service-account-private-key-file': flag(
      types.optionalText,
      undefined,
      'PEM of the key that signs tokens kept in Secrets.',
    ),
    'legacy-service-account-token-clean-up-period': flag(
      period,
      defaults.legacyServiceAccountTokenCleanUpPeriodMs,
      'Tokens in Secrets that were not used for so long are invalidated, and later deleted.',
    ),
  }),
  ...loggingFlags,
};
