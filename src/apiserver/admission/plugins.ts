import type { Clock } from '../../machinery/clock.ts';
import type { MetricsRegistry } from '../../machinery/metrics.ts';
import type { Random } from '../../machinery/random.ts';
import type { Authorizer } from '../contract.ts';
import type { Registry } from '../registry/registry.ts';
import { AdmissionChain } from './chain.ts';
import type { AdmissionConfiguration } from './configuration.ts';
import type { AdmissionPlugin } from './contract.ts';
import { Lister } from './lister.ts';
import type { AdmissionMetrics } from './metrics.ts';
import type { PluginName } from './plugin-names.ts';
import { AlwaysPullImages } from './plugins/always-pull-images.ts';
import { AlwaysAdmit, AlwaysDeny } from './plugins/always.ts';
import { CertificateApproval } from './plugins/certificates/certificate-approval.ts';
import { CertificateSigning } from './plugins/certificates/certificate-signing.ts';
import { CertificateSubjectRestriction } from './plugins/certificates/certificate-subject-restriction.ts';
import { ClusterTrustBundleAttest } from './plugins/certificates/cluster-trust-bundle-attest.ts';
import { DefaultIngressClass } from './plugins/default-ingress-class.ts';
import { DefaultStorageClass } from './plugins/default-storage-class.ts';
import { DefaultTolerationSeconds } from './plugins/default-toleration-seconds.ts';
import { DenyServiceExternalIPs } from './plugins/deny-service-external-ips.ts';
import { EventRateLimit, readEventLimits } from './plugins/event-rate-limit.ts';
import { ExtendedResourceToleration } from './plugins/extended-resource-toleration.ts';
import { LimitPodHardAntiAffinityTopology } from './plugins/limit-pod-hard-anti-affinity-topology.ts';
import { LimitRanger } from './plugins/limit-ranger/limit-ranger.ts';
import { NamespaceAutoProvision } from './plugins/namespace-auto-provision.ts';
import { NamespaceExists } from './plugins/namespace-exists.ts';
import { NamespaceLifecycle } from './plugins/namespace-lifecycle.ts';
import { NodeRestriction } from './plugins/node-restriction/node-restriction.ts';
import { OwnerReferencesPermissionEnforcement } from './plugins/owner-references-permission-enforcement.ts';
import { PersistentVolumeClaimResize } from './plugins/persistent-volume-claim-resize.ts';
import { PodNodeSelector, readNodeSelectors } from './plugins/pod-node-selector.ts';
import { PodResizeValidator } from './plugins/pod-resize-validator.ts';
import { readPodSecurityConfiguration } from './plugins/pod-security/configuration.ts';
import { PodSecurityMetrics } from './plugins/pod-security/metrics.ts';
import { PodSecurity } from './plugins/pod-security/pod-security.ts';
import { PodTolerationRestriction, readTolerationRules } from './plugins/pod-toleration-restriction.ts';
import { PodTopologyLabels } from './plugins/pod-topology-labels.ts';
import { Priority } from './plugins/priority.ts';
import { readLimitedResources } from './plugins/quota/limited-resources.ts';
import { ResourceQuota } from './plugins/quota/resource-quota.ts';
import { RuntimeClass } from './plugins/runtime-class.ts';
import { ServiceAccount } from './plugins/service-account/service-account.ts';
import { StorageObjectInUseProtection } from './plugins/storage-object-in-use-protection.ts';
import { TaintNodesByCondition } from './plugins/taint-nodes-by-condition.ts';

/** What plugins are made with. */
export interface PluginContext {
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: Random;
  readonly configuration: AdmissionConfiguration;
  /** For what plugins count beyond what the chain does. */
  readonly metrics?: MetricsRegistry;
  /** What DefaultTolerationSeconds sets. */
  readonly tolerations: { readonly notReadySeconds: number; readonly unreachableSeconds: number };
}

type Make = (context: PluginContext) => AdmissionPlugin;

const makers: Readonly<Record<PluginName, Make>> = {
  AlwaysAdmit: () => new AlwaysAdmit(),
  NamespaceAutoProvision: ({ registry }) => new NamespaceAutoProvision(new Lister(registry, '', 'namespaces')),
  NamespaceLifecycle: ({ registry }) => new NamespaceLifecycle(new Lister(registry, '', 'namespaces')),
  NamespaceExists: ({ registry }) => new NamespaceExists(new Lister(registry, '', 'namespaces')),
  LimitPodHardAntiAffinityTopology: () => new LimitPodHardAntiAffinityTopology(),
  LimitRanger: ({ registry }) => new LimitRanger(new Lister(registry, '', 'limitranges')),
  ServiceAccount: ({ registry, clock, random }) =>
    new ServiceAccount({ accounts: new Lister(registry, '', 'serviceaccounts'), clock, random }),
  NodeRestriction: ({ registry, authorizer }) =>
    new NodeRestriction({
      nodes: new Lister(registry, '', 'nodes'),
      pods: new Lister(registry, '', 'pods'),
      claims: new Lister(registry, '', 'persistentvolumeclaims'),
      volumes: new Lister(registry, '', 'persistentvolumes'),
      drivers: new Lister(registry, 'storage.k8s.io', 'csidrivers'),
      authorizer,
    }),
  TaintNodesByCondition: () => new TaintNodesByCondition(),
  AlwaysPullImages: () => new AlwaysPullImages(),
  PodSecurity: ({ registry, clock, configuration, metrics }) =>
    new PodSecurity({
      namespaces: new Lister(registry, '', 'namespaces'),
      pods: new Lister(registry, '', 'pods'),
      clock,
      configuration: readPodSecurityConfiguration(configuration.of('PodSecurity')),
      ...(metrics === undefined ? {} : { metrics: new PodSecurityMetrics(metrics) }),
    }),
  PodNodeSelector: ({ registry, configuration }) =>
    new PodNodeSelector(new Lister(registry, '', 'namespaces'), readNodeSelectors(configuration.of('PodNodeSelector'))),
  Priority: ({ registry }) => new Priority(new Lister(registry, 'scheduling.k8s.io', 'priorityclasses')),
  DefaultTolerationSeconds: ({ tolerations }) => new DefaultTolerationSeconds(tolerations),
  PodTolerationRestriction: ({ registry, configuration }) =>
    new PodTolerationRestriction(
      new Lister(registry, '', 'namespaces'),
      readTolerationRules(configuration.of('PodTolerationRestriction')),
    ),
  EventRateLimit: ({ clock, configuration }) =>
    new EventRateLimit(readEventLimits(configuration.of('EventRateLimit')), clock),
  ExtendedResourceToleration: () => new ExtendedResourceToleration(),
  DefaultStorageClass: ({ registry }) =>
    new DefaultStorageClass(new Lister(registry, 'storage.k8s.io', 'storageclasses')),
  StorageObjectInUseProtection: () => new StorageObjectInUseProtection(),
  OwnerReferencesPermissionEnforcement: ({ authorizer }) => new OwnerReferencesPermissionEnforcement(authorizer),
  PersistentVolumeClaimResize: ({ registry }) =>
    new PersistentVolumeClaimResize(new Lister(registry, 'storage.k8s.io', 'storageclasses')),
  RuntimeClass: ({ registry }) => new RuntimeClass(new Lister(registry, 'node.k8s.io', 'runtimeclasses')),
  CertificateApproval: ({ authorizer }) => new CertificateApproval(authorizer),
  CertificateSigning: ({ authorizer }) => new CertificateSigning(authorizer),
  ClusterTrustBundleAttest: ({ authorizer }) => new ClusterTrustBundleAttest(authorizer),
  CertificateSubjectRestriction: () => new CertificateSubjectRestriction(),
  DefaultIngressClass: ({ registry }) =>
    new DefaultIngressClass(new Lister(registry, 'networking.k8s.io', 'ingressclasses')),
  DenyServiceExternalIPs: () => new DenyServiceExternalIPs(),
  PodTopologyLabels: ({ registry }) => new PodTopologyLabels(new Lister(registry, '', 'nodes')),
  PodResizeValidator: ({ registry }) => new PodResizeValidator(new Lister(registry, '', 'nodes')),
  ResourceQuota: ({ registry, clock, configuration }) =>
    new ResourceQuota({
      quotas: new Lister(registry, '', 'resourcequotas'),
      clock,
      limited: readLimitedResources(configuration),
    }),
  AlwaysDeny: () => new AlwaysDeny(),
};

/** The chain of the chosen plugins. Throws SetupError when one's configuration is wrong. */
export function admissionChain(
  names: readonly PluginName[],
  context: PluginContext,
  metrics?: AdmissionMetrics,
): AdmissionChain {
  return new AdmissionChain(
    names.map((name) => makers[name](context)),
    context.clock,
    metrics,
  );
}
