/** What a Pod's spec refers to (upstream's `pkg/api/v1/pod` visitors). */
import type { Container, EphemeralContainer, PodSpec, Volume } from '../../../api/types/core.v1.ts';

/** Init containers, containers and ephemeral containers. */
export function allContainers(spec: PodSpec): (Container | EphemeralContainer)[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** Names of all Secrets that a Pod refers to: pull secrets, environments and volumes of every sort. */
export function secretNamesOf(spec: PodSpec): Set<string> {
  const names = new Set<string | undefined>();
  for (const { name } of spec.imagePullSecrets ?? []) names.add(name);
  for (const { env, envFrom } of allContainers(spec)) {
    for (const { secretRef } of envFrom ?? []) names.add(secretRef?.name);
    for (const { valueFrom } of env ?? []) names.add(valueFrom?.secretKeyRef?.name);
  }
  for (const volume of spec.volumes ?? []) for (const name of secretsOfVolume(volume)) names.add(name);
  return present(names);
}

export function configMapNamesOf(spec: PodSpec): Set<string> {
  const names = new Set<string | undefined>();
  for (const { env, envFrom } of allContainers(spec)) {
    for (const { configMapRef } of envFrom ?? []) names.add(configMapRef?.name);
    for (const { valueFrom } of env ?? []) names.add(valueFrom?.configMapKeyRef?.name);
  }
  for (const { configMap, projected } of spec.volumes ?? []) {
    names.add(configMap?.name);
    for (const source of projected?.sources ?? []) names.add(source.configMap?.name);
  }
  return present(names);
}

function present(names: ReadonlySet<string | undefined>): Set<string> {
  return new Set([...names].filter((name) => name !== undefined && name !== '')) as Set<string>;
}

function secretsOfVolume(volume: Volume): (string | undefined)[] {
  return [
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.flexVolume?.secretRef?.name,
    ...(volume.projected?.sources ?? []).map((source) => source.secret?.name),
    volume.rbd?.secretRef?.name,
    volume.secret?.secretName,
    volume.scaleIO?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.storageos?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
  ];
}
