/** What Pods and containers may do on their node. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isUserID } from '../../../machinery/names.ts';
import type { PodSpec, SecurityContext } from '../../types/core.v1.ts';
import { addInvalid, listOf } from '../../field-rules.ts';
import type { PodOptions } from './pod-options.ts';
import { checkAppArmorProfile, checkSeccompProfile } from './security-profiles.ts';
import { checkSysctls } from './sysctls.ts';
import { checkWindowsOptions } from './windows-options.ts';

/** The number of a Unix user or group. */
export function checkUnixID(errors: FieldError[], parent: Path, name: string, id: number | undefined): void {
  if (id !== undefined) addInvalid(errors, parent.child(name), id, isUserID(id));
}

export function checkSecurityContext(
  errors: FieldError[],
  path: Path,
  context: SecurityContext | undefined,
  usesHostUsers: boolean,
): void {
  if (!context) return;
  checkUnixID(errors, path, 'runAsUser', context.runAsUser);
  checkUnixID(errors, path, 'runAsGroup', context.runAsGroup);
  const { procMount, privileged } = context;
  if (procMount !== undefined) {
    const at = path.child('procMount');
    if (procMount !== 'Default' && procMount !== 'Unmasked') {
      errors.push(at.notSupported(procMount, ['Default', 'Unmasked']));
    }
    if (usesHostUsers && procMount === 'Unmasked') {
      errors.push(at.invalid(procMount, '`hostUsers` must be false to use `Unmasked`'));
    }
  }
  checkSeccompProfile(errors, path.child('seccompProfile'), context.seccompProfile);
  if (context.allowPrivilegeEscalation === false) {
    const refusal = 'cannot set `allowPrivilegeEscalation` to false and';
    if (privileged === true) errors.push(path.invalid(context, `${refusal} \`privileged\` to true`));
    for (const capability of listOf(context.capabilities?.add)) {
      if (capability !== 'CAP_SYS_ADMIN') continue;
      errors.push(path.invalid(context, `${refusal} \`capabilities.Add\` CAP_SYS_ADMIN`));
    }
  }
  checkWindowsOptions(errors, path.child('windowsOptions'), context.windowsOptions);
  checkAppArmorProfile(errors, path.child('appArmorProfile'), context.appArmorProfile);
}

const groupChangePolicies: ReadonlySet<string> = new Set(['Always', 'OnRootMismatch']);
const groupPolicies: ReadonlySet<string> = new Set(['Merge', 'Strict']);
const seLinuxPolicies: ReadonlySet<string> = new Set(['MountOption', 'Recursive']);
/** What can be chosen anew while the feature SELinuxMount is off, as it is by default. */
const plainSELinuxPolicies: ReadonlySet<string> = new Set(['Recursive']);

export function checkPodSecurityContext(errors: FieldError[], path: Path, spec: PodSpec, options: PodOptions): void {
  const context = spec.securityContext;
  if (!context) return;
  checkUnixID(errors, path, 'fsGroup', context.fsGroup);
  checkUnixID(errors, path, 'runAsUser', context.runAsUser);
  checkUnixID(errors, path, 'runAsGroup', context.runAsGroup);
  for (const [index, id] of listOf(context.supplementalGroups).entries()) {
    addInvalid(errors, path.child('supplementalGroups').index(index), id, isUserID(id));
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const rule = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(path.child('shareProcessNamespace').invalid(true, rule));
  }
  if (context.sysctls) {
    checkSysctls(errors, path.child('sysctls'), context.sysctls, spec, options.allowHostSysctls === true);
  }
  checkChoice(errors, path, 'fsGroupChangePolicy', context.fsGroupChangePolicy, groupChangePolicies);
  checkSeccompProfile(errors, path.child('seccompProfile'), context.seccompProfile);
  checkWindowsOptions(errors, path.child('windowsOptions'), context.windowsOptions);
  checkAppArmorProfile(errors, path.child('appArmorProfile'), context.appArmorProfile);
  checkChoice(errors, path, 'supplementalGroupsPolicy', context.supplementalGroupsPolicy, groupPolicies);
  const choices = options.allowAnySELinuxChangePolicy === true ? seLinuxPolicies : plainSELinuxPolicies;
  checkChoice(errors, path, 'seLinuxChangePolicy', context.seLinuxChangePolicy, choices);
}

function checkChoice(
  errors: FieldError[],
  parent: Path,
  name: string,
  value: string | undefined,
  choices: ReadonlySet<string>,
): void {
  if (value !== undefined && !choices.has(value)) errors.push(parent.child(name).notSupported(value, choices));
}
