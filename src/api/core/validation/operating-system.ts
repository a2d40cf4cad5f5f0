/** What `spec.os` rules out: fields of the other operating system (KEP-2802). */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import type { PodSpec } from '../../types/core.v1.ts';
import { containersWithPaths } from './all-containers.ts';
import { hasItems } from '../../field-rules.ts';

/** @param path Of the Pod's spec. */
export function checkOperatingSystem(errors: FieldError[], path: Path, spec: PodSpec): void {
  if (!spec.os) return;
  const name: string = spec.os.name ?? '';
  if (name === '') errors.push(path.child('os', 'name').required('cannot be empty'));
  else if (name === 'linux') refuseWindowsFields(errors, path, spec);
  else if (name === 'windows') refuseLinuxFields(errors, path, spec);
  else errors.push(path.child('os').notSupported(name, ['linux', 'windows']));
}

function refuseWindowsFields(errors: FieldError[], path: Path, spec: PodSpec): void {
  const refusal = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions) {
    errors.push(path.child('securityContext', 'windowsOptions').forbidden(refusal));
  }
  for (const { container, at } of containersWithPaths(spec, path)) {
    if (!container.securityContext?.windowsOptions) continue;
    errors.push(at().child('securityContext', 'windowsOptions').forbidden(refusal));
  }
}

const containerFields = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

function refuseLinuxFields(errors: FieldError[], path: Path, spec: PodSpec): void {
  const refusal = 'cannot be set for a windows pod';
  for (const name of linuxFieldsOf(spec)) errors.push(path.child(...name.split('.')).forbidden(refusal));
  for (const { container, at } of containersWithPaths(spec, path)) {
    for (const field of containerFields) {
      if (container.securityContext?.[field] === undefined) continue;
      errors.push(at().child('securityContext', field).forbidden(refusal));
    }
  }
}

/** In upstream's order, where the spec's own fields stand among those of its security context. */
function linuxFieldsOf(spec: PodSpec): string[] {
  const { securityContext: context = {} } = spec;
  const fields: readonly (readonly [name: string, isSet: boolean])[] = [
    ['securityContext.appArmorProfile', context.appArmorProfile !== undefined],
    ['securityContext.seLinuxOptions', context.seLinuxOptions !== undefined],
    ['hostUsers', spec.hostUsers !== undefined],
    ['hostPID', spec.hostPID === true],
    ['hostIPC', spec.hostIPC === true],
    ['securityContext.seccompProfile', context.seccompProfile !== undefined],
    ['securityContext.fsGroup', context.fsGroup !== undefined],
    ['securityContext.fsGroupChangePolicy', context.fsGroupChangePolicy !== undefined],
    ['securityContext.sysctls', hasItems(context.sysctls)],
    ['shareProcessNamespace', spec.shareProcessNamespace !== undefined],
    ['securityContext.runAsUser', context.runAsUser !== undefined],
    ['securityContext.runAsGroup', context.runAsGroup !== undefined],
    ['securityContext.supplementalGroups', context.supplementalGroups !== undefined],
    ['securityContext.supplementalGroupsPolicy', context.supplementalGroupsPolicy !== undefined],
    ['securityContext.seLinuxChangePolicy', context.seLinuxChangePolicy !== undefined],
  ];
  return fields.filter(([, isSet]) => isSet).map(([name]) => name);
}
