import { root, type Path } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/quote.ts';
import { containersWithPaths } from '../core/validation/all-containers.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../types/core.v1.ts';
import { addressWarnings } from './addresses.ts';
import { byteResources, containerWarnings } from './containers.ts';
import { containerPortWarnings } from './container-ports.ts';
import { claimSpecWarnings } from './claim-spec.ts';
import { podNameWarnings } from './names.ts';
import { nodeChoiceWarnings, podAffinityWarnings } from './pod-placement.ts';
import { fractionalByteWarnings } from './quantities.ts';
import { volumePathWarnings } from './volume-paths.ts';
import { volumePluginWarnings } from './volume-plugins.ts';

const top = root('');
const seccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';

/** Annotations that had a meaning once. */
const deadAnnotations: readonly (readonly [annotation: string, message: string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
];

/** Of a new Pod. Upstream warns of none as it is updated: mostly programs do that, and often. */
export function podWarnings(pod: Pod): string[] {
  return [...podNameWarnings(pod, "this is used in the Pod's hostname"), ...templateWarnings(pod, top, true)];
}

/** Of a Pod template. @param path Of the template, such as `spec.template`. */
export function podTemplateWarnings(template: PodTemplateSpec | null | undefined, path: Path): string[] {
  return template ? templateWarnings(template, path, false) : [];
}

function templateWarnings(template: Pod | PodTemplateSpec, path: Path, isPod: boolean): string[] {
  const spec: PodSpec | undefined = template.spec;
  if (!spec) return [];
  const annotations = template.metadata?.annotations;
  const at = path.child('spec');
  const annotationsPath = path.child('metadata', 'annotations');
  const containers = containersWithPaths(spec, at);
  const surroundings = {
    annotations,
    annotationsPath,
    ignoresAppArmor: isPod || Boolean(spec.securityContext?.appArmorProfile),
  };
  return [
    ...nodeChoiceWarnings(spec, at),
    ...(annotations === undefined ? [] : deadAnnotationWarnings(annotations, annotationsPath)),
    ...volumeWarnings(spec, at),
    ...listWarnings(spec, at),
    ...fractionalByteWarnings(spec.overhead, byteResources, at.child('overhead')),
    ...podSeccompWarnings(spec, annotations, annotationsPath),
    ...containers.flatMap((container) => containerWarnings(container, surroundings)),
    ...containerPortWarnings(containers),
    ...graceWarnings(spec, at),
    ...podAffinityWarnings(spec, at),
    ...hostAddressWarnings(spec, at),
  ];
}

function deadAnnotationWarnings(annotations: Readonly<Record<string, string>>, path: Path): string[] {
  return deadAnnotations
    .filter(([annotation]) => Object.hasOwn(annotations, annotation))
    .map(([annotation, message]) => `${path.key(annotation)}: ${message}`);
}

function volumeWarnings({ volumes }: PodSpec, path: Path): string[] {
  if (!volumes) return [];
  const warnings: string[] = [];
  for (const [index, volume] of volumes.entries()) {
    const at = path.child('volumes').index(index);
    warnings.push(...volumePluginWarnings(volume, at));
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    if (claim) warnings.push(...claimSpecWarnings(claim, at.child('ephemeral', 'volumeClaimTemplate', 'spec')));
  }
  return [...warnings, ...volumes.flatMap(volumePathWarnings)];
}

/** Of lists in which the same thing stands twice. */
function listWarnings({ hostAliases, imagePullSecrets }: PodSpec, path: Path): string[] {
  const warnings: string[] = [];
  const ips = new Set<string>();
  for (const [index, { ip }] of (hostAliases ?? []).entries()) {
    const at = path.child('hostAliases').index(index).child('ip');
    if (ips.has(ip)) warnings.push(`${at}: duplicate ip ${quote(ip)}`);
    ips.add(ip);
  }
  const names = new Set<string>();
  const nameless: string[] = [];
  for (const [index, { name = '' }] of (imagePullSecrets ?? []).entries()) {
    const at = path.child('imagePullSecrets').index(index).child('name');
    if (names.has(name)) warnings.push(`${at}: duplicate name ${quote(name)}`);
    if (name === '') nameless.push(`${at}: invalid empty name ""`);
    names.add(name);
  }
  return [...warnings, ...nameless];
}

function podSeccompWarnings(
  { securityContext }: PodSpec,
  annotations: Readonly<Record<string, string>> | undefined,
  path: Path,
): string[] {
  if (securityContext?.seccompProfile || annotations === undefined) return [];
  if (!Object.hasOwn(annotations, seccompAnnotation)) return [];
  return [`${path.key(seccompAnnotation)}: non-functional in v1.27+; use the "seccompProfile" field instead`];
}

function graceWarnings({ terminationGracePeriodSeconds }: PodSpec, path: Path): string[] {
  if ((terminationGracePeriodSeconds ?? 0) >= 0) return [];
  const at = path.child('terminationGracePeriodSeconds');
  return [`${at}: must be >= 0; negative values are invalid and will be treated as 1`];
}

function hostAddressWarnings({ dnsConfig, hostAliases }: PodSpec, path: Path): string[] {
  const warnings: string[] = [];
  for (const [index, server] of (dnsConfig?.nameservers ?? []).entries()) {
    warnings.push(...addressWarnings(path.child('dnsConfig', 'nameservers').index(index), server));
  }
  for (const [index, { ip }] of (hostAliases ?? []).entries()) {
    warnings.push(...addressWarnings(path.child('hostAliases').index(index).child('ip'), ip));
  }
  return warnings;
}
