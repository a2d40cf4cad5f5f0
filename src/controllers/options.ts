/** The flags of kube-controller-manager that controllers read, in upstream's terms and with upstream's defaults. */
export interface ControllerManagerOptions {
  /** How many objects of a kind are worked on at a time: `--concurrent-…-syncs`. */
  readonly concurrentSyncs: {
    readonly replicaSet: number;
    readonly replicationController: number;
    readonly deployment: number;
    readonly statefulSet: number;
    readonly daemonSet: number;
    readonly job: number;
    readonly cronJob: number;
    readonly endpoint: number;
    readonly serviceEndpoint: number;
    readonly namespace: number;
    readonly gc: number;
    readonly resourceQuota: number;
    readonly serviceAccountToken: number;
    readonly horizontalPodAutoscaler: number;
    readonly ttlAfterFinished: number;
    readonly ephemeralVolume: number;
  };
  /** `--node-monitor-period`, `--node-monitor-grace-period`, `--node-startup-grace-period`. */
  readonly nodeMonitorPeriodMs: number;
  readonly nodeMonitorGracePeriodMs: number;
  readonly nodeStartupGracePeriodMs: number;
  /** `--node-eviction-rate`, `--secondary-node-eviction-rate`: nodes a second. */
  readonly nodeEvictionRate: number;
  readonly secondaryNodeEvictionRate: number;
  readonly largeClusterSizeThreshold: number;
  readonly unhealthyZoneThreshold: number;
  /** `--terminated-pod-gc-threshold`. */
  readonly terminatedPodGCThreshold: number;
  /** `--horizontal-pod-autoscaler-sync-period` and its kin. */
  readonly horizontalPodAutoscaler: {
    readonly syncPeriodMs: number;
    readonly downscaleStabilizationMs: number;
    readonly cpuInitializationPeriodMs: number;
    readonly initialReadinessDelayMs: number;
    readonly tolerance: number;
  };
  /** `--namespace-sync-period`, `--resource-quota-sync-period`. */
  readonly namespaceSyncPeriodMs: number;
  readonly resourceQuotaSyncPeriodMs: number;
  readonly enableDynamicProvisioning: boolean;
  /** `--allocate-node-cidrs`, `--cluster-cidr`, `--node-cidr-mask-size…`. */
  readonly allocateNodeCIDRs: boolean;
  readonly clusterCIDRs: readonly string[];
  readonly nodeCIDRMaskSizeIPv4: number;
  readonly nodeCIDRMaskSizeIPv6: number;
  /** `--service-cluster-ip-range`: no Node gets a network of these. */
  readonly serviceClusterIPRanges: readonly string[];
  /** `--max-endpoints-per-slice`, `--mirroring-max-endpoints-per-subset`. */
  readonly maxEndpointsPerSlice: number;
  readonly mirroringMaxEndpointsPerSubset: number;
  readonly endpointUpdatesBatchPeriodMs: number;
  readonly endpointSliceUpdatesBatchPeriodMs: number;
  /** `--root-ca-file`: PEM; undefined: none is published. */
  readonly rootCA: string | undefined;
  /** `--cluster-signing-cert-file` and `-key-file`: PEM; undefined: nothing is signed. */
  readonly clusterSigning: { readonly certificate: string; readonly key: string } | undefined;
  readonly clusterSigningDurationMs: number;
  /** `--service-account-private-key-file`: PEM; undefined: no legacy tokens are made. */
  readonly serviceAccountKey: string | undefined;
  readonly legacyServiceAccountTokenCleanUpPeriodMs: number;
}

const minuteMs = 60_000;

/** Upstream's defaults. */
export const defaultControllerManagerOptions: ControllerManagerOptions = {
  concurrentSyncs: {
    replicaSet: 5,
    replicationController: 5,
    deployment: 5,
    statefulSet: 5,
    daemonSet: 2,
    job: 5,
    cronJob: 5,
    endpoint: 5,
    serviceEndpoint: 5,
    namespace: 10,
    gc: 20,
    resourceQuota: 5,
    serviceAccountToken: 5,
    horizontalPodAutoscaler: 5,
    ttlAfterFinished: 5,
    ephemeralVolume: 5,
  },
  nodeMonitorPeriodMs: 5_000,
  nodeMonitorGracePeriodMs: 40_000,
  nodeStartupGracePeriodMs: minuteMs,
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  largeClusterSizeThreshold: 50,
  unhealthyZoneThreshold: 0.55,
  terminatedPodGCThreshold: 12_500,
  horizontalPodAutoscaler: {
    syncPeriodMs: 15_000,
    downscaleStabilizationMs: 5 * minuteMs,
    cpuInitializationPeriodMs: 5 * minuteMs,
    initialReadinessDelayMs: 30_000,
    tolerance: 0.1,
  },
  namespaceSyncPeriodMs: 5 * minuteMs,
  resourceQuotaSyncPeriodMs: 5 * minuteMs,
  enableDynamicProvisioning: true,
  allocateNodeCIDRs: false,
  clusterCIDRs: [],
  nodeCIDRMaskSizeIPv4: 24,
  nodeCIDRMaskSizeIPv6: 64,
  serviceClusterIPRanges: [],
  maxEndpointsPerSlice: 100,
  mirroringMaxEndpointsPerSubset: 1000,
  endpointUpdatesBatchPeriodMs: 0,
  endpointSliceUpdatesBatchPeriodMs: 0,
  rootCA: undefined,
  clusterSigning: undefined,
  clusterSigningDurationMs: 365 * 24 * 60 * minuteMs,
  serviceAccountKey: undefined,
  legacyServiceAccountTokenCleanUpPeriodMs: 365 * 24 * 60 * minuteMs,
};
