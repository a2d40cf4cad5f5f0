/** Checks of the level baseline on what containers may do. */
import type { SELinuxOptions } from '../../../../api/types/core.v1.ts';
import {
  containersNamed,
  isInUserNamespace,
  joinQuote,
  pluralize,
  setters,
  sorted,
  type AnyContainer,
  type Check,
  type CheckedPod,
} from './check.ts';
import { badSeccomp } from './seccomp.ts';

const defaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

function addedBeyond(container: AnyContainer, allowed: ReadonlySet<string>): string[] {
  return (container.securityContext?.capabilities?.add ?? []).filter((name) => !allowed.has(name));
}

const capabilities: Check = {
  id: 'capabilities_baseline',
  check({ containers }) {
    const bad = containers.filter((container) => addedBeyond(container, defaultCapabilities).length > 0);
    if (bad.length === 0) return undefined;
    const added = sorted(bad.flatMap((container) => addedBeyond(container, defaultCapabilities)));
    return {
      reason: 'non-default capabilities',
      detail: `${containersNamed(bad)} must not include ${joinQuote(added)} in securityContext.capabilities.add`,
    };
  },
};

const privileged: Check = {
  id: 'privileged',
  check({ containers }) {
    const bad = containers.filter(({ securityContext }) => securityContext?.privileged === true);
    if (bad.length === 0) return undefined;
    return { reason: 'privileged', detail: `${containersNamed(bad)} must not set securityContext.privileged=true` };
  },
};

const procMount: Check = {
  id: 'procMount',
  check(pod, minor) {
    if (isInUserNamespace(pod, minor)) return undefined;
    const mountOf = ({ securityContext }: AnyContainer): string => securityContext?.procMount ?? 'Default';
    const bad = pod.containers.filter((container) => mountOf(container) !== 'Default');
    if (bad.length === 0) return undefined;
    const values = joinQuote(sorted(bad.map(mountOf)));
    return {
      reason: 'procMount',
      detail: `${containersNamed(bad)} must not set securityContext.procMount to ${values}`,
    };
  },
};

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

function isAllowedAppArmor(type: string | undefined): boolean {
  return type === undefined || type === 'RuntimeDefault' || type === 'Localhost';
}

function badAppArmorAnnotations({ metadata }: CheckedPod): string[] {
  return Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => {
      const isAllowed = value === '' || value === 'runtime/default' || value.startsWith('localhost/');
      return key.startsWith(appArmorPrefix) && !isAllowed;
    })
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
}

const appArmor: Check = {
  id: 'appArmorProfile',
  check(pod) {
    const ofPod = pod.spec.securityContext?.appArmorProfile?.type;
    const bad = pod.containers.filter((one) => !isAllowedAppArmor(one.securityContext?.appArmorProfile?.type));
    const annotations = badAppArmorAnnotations(pod);
    const more = annotations.length === 0 ? [] : [pluralize('annotation', 'annotations', annotations.length)];
    const who = setters(!isAllowedAppArmor(ofPod), bad, ...more);
    if (who === '') return undefined;
    const types = [ofPod, ...bad.map((one) => one.securityContext?.appArmorProfile?.type)];
    const values = [
      ...sorted(types.filter((type) => type !== undefined && !isAllowedAppArmor(type)) as string[]),
      ...annotations,
    ];
    return {
      reason: pluralize('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
      detail: `${who} must not set AppArmor profile type to ${joinQuote(values)}`,
    };
  },
};

const seLinuxTypes: ReadonlySet<string> = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t']);

function isAllowedSELinuxType(type: string, minor: number): boolean {
  return seLinuxTypes.has(type) || (minor >= 31 && type === 'container_engine_t');
}

function isBadSELinux(options: SELinuxOptions | undefined, minor: number): boolean {
  if (!options) return false;
  return !isAllowedSELinuxType(options.type ?? '', minor) || Boolean(options.user) || Boolean(options.role);
}

const seLinux: Check = {
  id: 'seLinuxOptions',
  check({ spec, containers }, minor) {
    const ofPod = spec.securityContext?.seLinuxOptions;
    const bad = containers.filter((one) => isBadSELinux(one.securityContext?.seLinuxOptions, minor));
    const who = setters(isBadSELinux(ofPod, minor), bad);
    if (who === '') return undefined;
    const all = [ofPod, ...containers.map((one) => one.securityContext?.seLinuxOptions)];
    const types = sorted(all.map((one) => one?.type ?? '').filter((type) => !isAllowedSELinuxType(type, minor)));
    const what = [
      ...(types.length > 0 ? [`${pluralize('type', 'types', types.length)} ${joinQuote(types)}`] : []),
      ...(all.some((one) => one?.user) ? ['user may not be set'] : []),
      ...(all.some((one) => one?.role) ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    };
  },
};

const podSeccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccompAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before 1.19 a profile was an annotation. */
function badSeccompAnnotations({ metadata, containers }: CheckedPod): string[] {
  const keys = [podSeccompAnnotation, ...containers.map(({ name = '' }) => containerSeccompAnnotation + name)];
  return sorted(
    keys.flatMap((key) => {
      const value = metadata.annotations?.[key];
      const isAllowed =
        value === undefined ||
        value === 'runtime/default' ||
        value === 'docker/default' ||
        value.startsWith('localhost/');
      return isAllowed ? [] : [`${key}=${JSON.stringify(value)}`];
    }),
  );
}

const seccomp: Check = {
  id: 'seccompProfile_baseline',
  check(pod, minor) {
    if (minor >= 19) return badSeccomp(pod);
    const bad = badSeccompAnnotations(pod);
    if (bad.length === 0) return undefined;
    return {
      reason: 'seccompProfile',
      detail: `forbidden ${pluralize('annotation', 'annotations', bad.length)} ${bad.join(', ')}`,
    };
  },
};

export const containerChecks: readonly Check[] = [appArmor, capabilities, privileged, procMount, seLinux, seccomp];
