/** Checks that the level restricted has besides those of baseline. */
import type { Volume } from '../../../../api/types/core.v1.ts';
import {
  containersNamed,
  isInUserNamespace,
  isWindows,
  joinQuote,
  pluralize,
  setters,
  sorted,
  type AnyContainer,
  type Check,
} from './check.ts';
import { badSeccomp, isAllowedSeccomp } from './seccomp.ts';

/** From this version on Windows Pods are spared what means nothing to them. */
const windowsSince = 25;

const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  since: 8,
  check(pod, minor) {
    if (minor >= windowsSince && isWindows(pod)) return undefined;
    const bad = pod.containers.filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
    if (bad.length === 0) return undefined;
    return {
      reason: 'allowPrivilegeEscalation != false',
      detail: `${containersNamed(bad)} must set securityContext.allowPrivilegeEscalation=false`,
    };
  },
};

function isForbidden(capability: string): boolean {
  return capability !== 'NET_BIND_SERVICE';
}

const capabilities: Check = {
  id: 'capabilities_restricted',
  overrides: ['capabilities_baseline'],
  since: 22,
  check(pod, minor) {
    if (minor >= windowsSince && isWindows(pod)) return undefined;
    const of = ({ securityContext }: AnyContainer, what: 'add' | 'drop'): readonly string[] =>
      securityContext?.capabilities?.[what] ?? [];
    const keeping = pod.containers.filter((container) => !of(container, 'drop').includes('ALL'));
    const adding = pod.containers.filter((container) => of(container, 'add').some(isForbidden));
    const details: string[] = [];
    if (keeping.length > 0) {
      details.push(`${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
    }
    if (adding.length > 0) {
      const added = joinQuote(sorted(adding.flatMap((container) => of(container, 'add').filter(isForbidden))));
      details.push(`${containersNamed(adding)} must not include ${added} in securityContext.capabilities.add`);
    }
    return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
  },
};

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const satisfies readonly (keyof Volume)[];

function typeOf(volume: Volume): string {
  const type = Object.keys(volume).find((key) => key !== 'name' && volume[key as keyof Volume] !== undefined);
  return type ?? 'unknown';
}

const volumeTypes: Check = {
  id: 'restrictedVolumes',
  overrides: ['hostPathVolumes'],
  check({ spec }) {
    const bad = (spec.volumes ?? []).filter((volume) => !allowedVolumes.some((type) => volume[type] !== undefined));
    if (bad.length === 0) return undefined;
    const volumes = `${pluralize('volume', 'volumes', bad.length)} ${joinQuote(bad.map(({ name }) => name))}`;
    const types = sorted(bad.map(typeOf));
    const noun = pluralize('restricted volume type', 'restricted volume types', types.length);
    return {
      reason: 'restricted volume types',
      detail: `${volumes} ${pluralize('uses', 'use', bad.length)} ${noun} ${joinQuote(types)}`,
    };
  },
};

const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  check(pod, minor) {
    if (isInUserNamespace(pod, minor)) return undefined;
    const { spec, containers } = pod;
    const ofPod = spec.securityContext?.runAsNonRoot;
    const reason = 'runAsNonRoot != true';
    const explicit = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === false);
    const who = setters(ofPod === false, explicit);
    if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
    if (ofPod === true) return undefined;
    const implicit = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot !== true);
    if (implicit.length === 0) return undefined;
    return { reason, detail: `pod or ${containersNamed(implicit)} must set securityContext.runAsNonRoot=true` };
  },
};

const runAsUser: Check = {
  id: 'runAsUser',
  since: 23,
  check(pod, minor) {
    if (isInUserNamespace(pod, minor)) return undefined;
    const bad = pod.containers.filter(({ securityContext }) => securityContext?.runAsUser === 0);
    const who = setters(pod.spec.securityContext?.runAsUser === 0, bad);
    return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` };
  },
};

const seccomp: Check = {
  id: 'seccompProfile_restricted',
  overrides: ['seccompProfile_baseline'],
  since: 19,
  check(pod, minor) {
    if (minor >= windowsSince && isWindows(pod)) return undefined;
    const explicit = badSeccomp(pod);
    if (explicit !== undefined) return explicit;
    if (isAllowedSeccomp(pod.spec.securityContext?.seccompProfile?.type)) return undefined;
    const implicit = pod.containers.filter((one) => one.securityContext?.seccompProfile === undefined);
    if (implicit.length === 0) return undefined;
    return {
      reason: 'seccompProfile',
      detail: `pod or ${containersNamed(implicit)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    };
  },
};

export const restrictedChecks: readonly Check[] = [
  allowPrivilegeEscalation,
  capabilities,
  volumeTypes,
  runAsNonRoot,
  runAsUser,
  seccomp,
];
