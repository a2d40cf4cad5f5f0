/** What a Pod names that its kubelet has to read. */
import type { Container, EnvFromSource, EnvVar, EphemeralContainer, Pod, Volume } from '../../../api/types/core.v1.ts';

export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly resourceClaims: ReadonlySet<string>;
  readonly serviceAccount: string | undefined;
}

/** The Pod that stands for one that a node runs by itself: it must not give its node a right to anything. */
export const mirrorPodAnnotation = 'kubernetes.io/config.mirror';

class References {
  readonly secrets = new Set<string>();
  readonly configMaps = new Set<string>();
  readonly claims = new Set<string>();
  readonly resourceClaims = new Set<string>();

  addTo(names: Set<string>, name: string | undefined | null): void {
    if (name !== undefined && name !== null && name !== '') names.add(name);
  }

  secret(name: string | undefined | null): void {
    this.addTo(this.secrets, name);
  }

  configMap(name: string | undefined | null): void {
    this.addTo(this.configMaps, name);
  }
}

/** Names in the Pod's own namespace, each once. */
export function podReferences(pod: Pod): PodReferences {
  const found = new References();
  const { spec, status, metadata } = pod;
  for (const { name } of spec?.imagePullSecrets ?? []) found.secret(name);
  const containers: readonly (Container | EphemeralContainer)[] = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
  for (const { env, envFrom } of containers) {
    for (const variable of env ?? []) visitVariable(found, variable);
    for (const source of envFrom ?? []) visitSource(found, source);
  }
  for (const volume of spec?.volumes ?? []) visitVolume(found, volume, metadata?.name ?? '');
  const statuses = new Map((status?.resourceClaimStatuses ?? []).map((one) => [one.name, one.resourceClaimName]));
  for (const { name, resourceClaimName } of spec?.resourceClaims ?? []) {
    // A claim of a template is known once it was made.
    found.addTo(found.resourceClaims, resourceClaimName ?? statuses.get(name));
  }
  found.addTo(found.resourceClaims, status?.extendedResourceClaimStatus?.resourceClaimName);
  const serviceAccount = spec?.serviceAccountName;
  const { secrets, configMaps, claims, resourceClaims } = found;
  return { secrets, configMaps, claims, resourceClaims, serviceAccount: serviceAccount || undefined };
}

function visitVariable(found: References, { valueFrom }: EnvVar): void {
  found.secret(valueFrom?.secretKeyRef?.name);
  found.configMap(valueFrom?.configMapKeyRef?.name);
}

function visitSource(found: References, { secretRef, configMapRef }: EnvFromSource): void {
  found.secret(secretRef?.name);
  found.configMap(configMapRef?.name);
}

function visitVolume(found: References, volume: Volume, podName: string): void {
  found.secret(volume.secret?.secretName);
  found.secret(volume.azureFile?.secretName);
  for (const { secretRef } of [
    volume.cephfs ?? {},
    volume.cinder ?? {},
    volume.flexVolume ?? {},
    volume.rbd ?? {},
    volume.scaleIO ?? {},
    volume.iscsi ?? {},
    volume.storageos ?? {},
  ]) {
    found.secret(secretRef?.name);
  }
  found.secret(volume.csi?.nodePublishSecretRef?.name);
  found.configMap(volume.configMap?.name);
  for (const source of volume.projected?.sources ?? []) {
    found.secret(source.secret?.name);
    found.configMap(source.configMap?.name);
  }
  found.addTo(found.claims, volume.persistentVolumeClaim?.claimName);
  // The claim of an ephemeral volume is named after its pod.
  if (volume.ephemeral !== undefined) found.addTo(found.claims, `${podName}-${volume.name}`);
}
