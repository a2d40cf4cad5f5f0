/**
 * Defaults of Pods and of every pod template, beyond those that the schema table declares (upstream's
 * `SetDefaults_PodSpec`, `SetDefaults_Pod` and what they reach). Every Pod passes here on its way in, so this reads each
 * field once and allocates only what it sets.
 */
import type { Container, Pod, PodSpec, PodTemplateSpec } from '../types/core.v1.ts';
import { setContainerDefaults } from './container-defaults.ts';
import { setPodLevelResourceDefaults } from './pod-resources.ts';
import { roundUpResourceList } from './resource-list.ts';
import { setVolumeDefaults } from './volume-defaults.ts';

/** What holds for the spec of a Pod and of a pod template alike. */
export function setPodSpecDefaults(spec: PodSpec): void {
  if (!spec.dnsPolicy) spec.dnsPolicy = 'ClusterFirst';
  if (!spec.restartPolicy) spec.restartPolicy = 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  if (!spec.schedulerName) spec.schedulerName = 'default-scheduler';
  syncServiceAccountName(spec);
  if (spec.volumes) for (const volume of spec.volumes) setVolumeDefaults(volume);
  if (spec.initContainers) for (const container of spec.initContainers) setContainerDefaults(container);
  if (spec.containers) for (const container of spec.containers) setContainerDefaults(container);
  if (spec.ephemeralContainers) for (const container of spec.ephemeralContainers) setContainerDefaults(container);
  roundUpResourceList(spec.overhead);
  if (spec.resources) {
    roundUpResourceList(spec.resources.limits);
    roundUpResourceList(spec.resources.requests);
  }
}

/** `serviceAccount` is the deprecated name of `serviceAccountName`: it counts when that is unset, and always mirrors it. */
function syncServiceAccountName(spec: PodSpec): void {
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
}

/** Of the `template` of a workload. */
export function setPodTemplateDefaults(template: PodTemplateSpec | undefined): void {
  if (template?.spec) setPodSpecDefaults(template.spec);
}

/** Of a Pod: what a template leaves open until a Pod is made of it, besides. */
export function setPodDefaults(pod: Pod): void {
  const spec = pod.spec;
  if (spec) {
    setPodSpecDefaults(spec);
    if (spec.containers) for (const container of spec.containers) defaultRequestsToLimits(container);
    if (spec.initContainers) for (const container of spec.initContainers) defaultRequestsToLimits(container);
    if (spec.resources) setPodLevelResourceDefaults(spec);
    spec.enableServiceLinks ??= true;
    if (spec.hostNetwork) {
      defaultHostPorts(spec.containers);
      defaultHostPorts(spec.initContainers);
    }
  }
  if (pod.status) setPodStatusDefaults(pod.status);
}

function defaultRequestsToLimits(container: Container): void {
  const limits = container.resources?.limits;
  if (!limits) return;
  const resources = container.resources ?? {};
  const requests = (resources.requests ??= {});
  for (const name of Object.keys(limits)) {
    const limit = limits[name];
    if (limit !== undefined && !Object.hasOwn(requests, name)) requests[name] = limit;
  }
}

function defaultHostPorts(containers: readonly Container[] | null | undefined): void {
  for (const container of containers ?? []) {
    for (const port of container.ports ?? []) if (!port.hostPort) port.hostPort = port.containerPort;
  }
}

/** `podIP` is the first of `podIPs`, for clients that know one of the two; where they differ, `podIP` counts. */
function setPodStatusDefaults(status: NonNullable<Pod['status']>): void {
  const first = status.podIPs?.[0]?.ip;
  if (status.podIP) {
    if (status.podIP !== first) status.podIPs = [{ ip: status.podIP }];
  } else if (first) status.podIP = first;
  if (status.allocatedResources) roundUpResourceList(status.allocatedResources);
}
