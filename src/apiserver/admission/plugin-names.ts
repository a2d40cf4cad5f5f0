/** Upstream's admission plugins in upstream's order (`pkg/kubeapiserver/options/plugins.go`), which is not to be chosen. */

/**
 * Upstream leaves NodeRestriction to kubeadm to enable; it concerns nodes alone, and is on here.
 *
 * off: only when asked for. missing: not implemented yet; asking for it is an error.
 */
type Availability = 'on' | 'off' | 'missing';

const availability = {
  AlwaysAdmit: 'off',
  NamespaceAutoProvision: 'off',
  NamespaceLifecycle: 'on',
  NamespaceExists: 'off',
  LimitPodHardAntiAffinityTopology: 'off',
  LimitRanger: 'on',
  ServiceAccount: 'on',
  NodeRestriction: 'on',
  TaintNodesByCondition: 'on',
  AlwaysPullImages: 'off',
  ImagePolicyWebhook: 'missing',
  PodSecurity: 'on',
  PodNodeSelector: 'off',
  Priority: 'on',
  DefaultTolerationSeconds: 'on',
  PodTolerationRestriction: 'off',
  EventRateLimit: 'off',
  ExtendedResourceToleration: 'off',
  DefaultStorageClass: 'on',
  StorageObjectInUseProtection: 'on',
  PodGroupProtection: 'missing',
  OwnerReferencesPermissionEnforcement: 'off',
  PersistentVolumeClaimResize: 'on',
  RuntimeClass: 'on',
  CertificateApproval: 'on',
  CertificateSigning: 'on',
  ClusterTrustBundleAttest: 'on',
  CertificateSubjectRestriction: 'on',
  DefaultIngressClass: 'on',
  DenyServiceExternalIPs: 'off',
  PodTopologyLabels: 'on',
  PodGroupWorkloadExists: 'missing',
  NodeDeclaredFeatureValidator: 'missing',
  JobValidation: 'missing',
  PodResizeValidator: 'on',
  MutatingAdmissionPolicy: 'missing',
  MutatingAdmissionWebhook: 'missing',
  ValidatingAdmissionPolicy: 'missing',
  ValidatingAdmissionWebhook: 'missing',
  ResourceQuota: 'on',
  AlwaysDeny: 'off',
} as const satisfies Readonly<Record<string, Availability>>;

/** The plugins that there are. */
export type PluginName = {
  [Name in keyof typeof availability]: (typeof availability)[Name] extends 'missing' ? never : Name;
}[keyof typeof availability];

const names = Object.keys(availability) as (keyof typeof availability)[];

/** What `--enable-admission-plugins` and `--disable-admission-plugins` say. */
export interface PluginChoice {
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
}

/** Why a plugin cannot be configured; undefined when it can. */
export function unusable(name: string): string | undefined {
  if (!Object.hasOwn(availability, name)) return 'is unknown';
  return availability[name as keyof typeof availability] === 'missing' ? 'is not implemented yet' : undefined;
}

/** What is wrong about a choice of plugins, in upstream's words. */
export function choiceErrors({ enabled, disabled }: PluginChoice): string[] {
  const errors: string[] = [];
  const both = enabled.filter((name) => disabled.includes(name));
  if (both.length > 0) {
    errors.push(`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`);
  }
  for (const name of enabled) {
    const why = unusable(name);
    if (why !== undefined) errors.push(`enable-admission-plugins plugin ${JSON.stringify(name)} ${why}`);
  }
  for (const name of disabled) {
    if (!Object.hasOwn(availability, name))
      errors.push(`disable-admission-plugins plugin ${JSON.stringify(name)} is unknown`);
  }
  return errors;
}

/** The plugins that a choice leaves, in the order in which they run. */
export function chosenPlugins({ enabled, disabled }: PluginChoice): PluginName[] {
  return names.filter((name): name is PluginName => {
    if (availability[name] === 'missing' || disabled.includes(name)) return false;
    const isDefault: Availability = availability[name];
    return isDefault === 'on' || enabled.includes(name);
  });
}
