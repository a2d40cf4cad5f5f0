import { readFileSync } from 'node:fs';
import { FlagError, parseFlags, type FlagSet, type FlagValues } from '../machinery/flags/flag-set.ts';
import { helpText } from '../machinery/flags/help.ts';
import { unimplementedLoggingFlags } from '../machinery/flags/logging-flags.ts';
import { nearest } from '../machinery/flags/nearest.ts';
import type { ControllerDefinition } from './contract.ts';
import { controllerManagerFlags } from './flags.ts';
import type { ControllerManagerOptions } from './options.ts';

export type ControllerManagerFlagValues = FlagValues<typeof controllerManagerFlags>;

export type ControllerManagerCommandLine =
  | { readonly action: 'help'; readonly text: string }
  | { readonly action: 'version'; readonly raw: boolean }
  | {
      readonly action: 'run';
      readonly flags: ControllerManagerFlagValues;
      readonly definitions: readonly ControllerDefinition[];
      readonly warnings: readonly string[];
    };

const program = 'kube-controller-manager';
const set: FlagSet<typeof controllerManagerFlags> = {
  program,
  flags: controllerManagerFlags,
  unimplemented: {
    ...unimplementedLoggingFlags,
    profiling: { isBoolean: true, harmless: ['false'] },
    // Volumes are bound when something changes: there is no period.
    'pvclaimbinder-sync-period': { isBoolean: false, harmless: ['15s'] },
  },
};
const description =
  'The Kubernetes controller manager runs the controllers that bring a cluster to its desired state: it watches the ' +
  'API server, and creates, changes and deletes objects there.';

/** Reads the arguments after the program's name. Throws FlagError. */
export function parseControllerManagerCommandLine(
  args: readonly string[],
  columns: number,
  known: readonly ControllerDefinition[],
): ControllerManagerCommandLine {
  const { values, help, warnings } = parseFlags(set, args);
  if (help) return { action: 'help', text: helpText(set, { description, usage: `${program} [flags]` }, columns) };
  if (values.version !== 'false') return { action: 'version', raw: values.version === 'raw' };
  return { action: 'run', flags: values, definitions: chosenControllers(values.controllers, known), warnings };
}

/** Those that `--controllers` selects, in the order in which they start. Throws FlagError for a name that there is not. */
export function chosenControllers(
  words: readonly string[],
  known: readonly ControllerDefinition[],
): ControllerDefinition[] {
  const names = new Map(known.flatMap(({ name, alias = name }) => [[name, name] as const, [alias, name] as const]));
  const on = new Set<string>();
  const off = new Set<string>();
  let all = false;
  for (const word of words) {
    if (word === '*') {
      all = true;
      continue;
    }
    const isOff = word.startsWith('-');
    const written = isOff ? word.slice(1) : word;
    const name = names.get(written);
    if (name === undefined) {
      const guess = nearest(written, names.keys());
      const hint = guess === undefined ? '' : `, did you mean ${guess}?`;
      throw new FlagError(`"${written}" is not in the list of known controllers${hint}`);
    }
    (isOff ? off : on).add(name);
  }
  return known.filter(
    ({ name, isOffByDefault = false }) => !off.has(name) && (on.has(name) || (all && !isOffByDefault)),
  );
}

function readPem(path: string | undefined, flag: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new FlagError(`--${flag}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the flags ask of the controllers. Reads the files that they name; throws FlagError. */
export function controllerManagerOptionsOf(flags: ControllerManagerFlagValues): ControllerManagerOptions {
  const certificate = readPem(flags['cluster-signing-cert-file'], 'cluster-signing-cert-file');
  const key = readPem(flags['cluster-signing-key-file'], 'cluster-signing-key-file');
  if ((certificate === undefined) !== (key === undefined)) {
    throw new FlagError(
      '--cluster-signing-cert-file and --cluster-signing-key-file belong together: give both or none',
    );
  }
  if (flags['allocate-node-cidrs'] && flags['cluster-cidr'].length === 0) {
    throw new FlagError('--allocate-node-cidrs needs --cluster-cidr: the network that nodes get theirs from');
  }
  return {
    concurrentSyncs: {
      replicaSet: flags['concurrent-replicaset-syncs'],
      replicationController: flags['concurrent-rc-syncs'],
      deployment: flags['concurrent-deployment-syncs'],
      statefulSet: flags['concurrent-statefulset-syncs'],
      daemonSet: flags['concurrent-daemonset-syncs'],
      job: flags['concurrent-job-syncs'],
      cronJob: flags['concurrent-cron-job-syncs'],
      endpoint: flags['concurrent-endpoint-syncs'],
      serviceEndpoint: flags['concurrent-service-endpoint-syncs'],
      namespace: flags['concurrent-namespace-syncs'],
      gc: flags['concurrent-gc-syncs'],
      resourceQuota: flags['concurrent-resource-quota-syncs'],
      serviceAccountToken: flags['concurrent-serviceaccount-token-syncs'],
      horizontalPodAutoscaler: flags['concurrent-horizontal-pod-autoscaler-syncs'],
      ttlAfterFinished: flags['concurrent-ttl-after-finished-syncs'],
      ephemeralVolume: flags['concurrent-ephemeralvolume-syncs'],
    },
    nodeMonitorPeriodMs: flags['node-monitor-period'],
    nodeMonitorGracePeriodMs: flags['node-monitor-grace-period'],
    nodeStartupGracePeriodMs: flags['node-startup-grace-period'],
    nodeEvictionRate: flags['node-eviction-rate'],
    secondaryNodeEvictionRate: flags['secondary-node-eviction-rate'],
    largeClusterSizeThreshold: flags['large-cluster-size-threshold'],
    unhealthyZoneThreshold: flags['unhealthy-zone-threshold'],
    terminatedPodGCThreshold: flags['terminated-pod-gc-threshold'],
    horizontalPodAutoscaler: {
      syncPeriodMs: flags['horizontal-pod-autoscaler-sync-period'],
      downscaleStabilizationMs: flags['horizontal-pod-autoscaler-downscale-stabilization'],
      cpuInitializationPeriodMs: flags['horizontal-pod-autoscaler-cpu-initialization-period'],
      initialReadinessDelayMs: flags['horizontal-pod-autoscaler-initial-readiness-delay'],
      tolerance: flags['horizontal-pod-autoscaler-tolerance'],
    },
    namespaceSyncPeriodMs: flags['namespace-sync-period'],
    resourceQuotaSyncPeriodMs: flags['resource-quota-sync-period'],
    enableDynamicProvisioning: flags['enable-dynamic-provisioning'],
    allocateNodeCIDRs: flags['allocate-node-cidrs'],
    clusterCIDRs: flags['cluster-cidr'],
    nodeCIDRMaskSizeIPv4: flags['node-cidr-mask-size-ipv4'],
    nodeCIDRMaskSizeIPv6: flags['node-cidr-mask-size-ipv6'],
    serviceClusterIPRanges: flags['service-cluster-ip-range'],
    maxEndpointsPerSlice: flags['max-endpoints-per-slice'],
    mirroringMaxEndpointsPerSubset: flags['mirroring-max-endpoints-per-subset'],
    endpointUpdatesBatchPeriodMs: flags['endpoint-updates-batch-period'],
    endpointSliceUpdatesBatchPeriodMs: flags['endpointslice-updates-batch-period'],
    rootCA: readPem(flags['root-ca-file'], 'root-ca-file'),
    clusterSigning: certificate === undefined || key === undefined ? undefined : { certificate, key },
    clusterSigningDurationMs: flags['cluster-signing-duration'],
    serviceAccountKey: readPem(flags['service-account-private-key-file'], 'service-account-private-key-file'),
    legacyServiceAccountTokenCleanUpPeriodMs: flags['legacy-service-account-token-clean-up-period'],
  };
}
