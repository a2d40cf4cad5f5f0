import type { Path } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/quote.ts';
import type { ContainerAt } from '../core/validation/all-containers.ts';
import type { Container, EnvVar, EphemeralContainer } from '../types/core.v1.ts';
import { fractionalByteWarnings } from './quantities.ts';

/** Resources that are counted in bytes. */
export const byteResources: readonly string[] = ['memory', 'ephemeral-storage'];

/** What a container's Pod says that bears on the container's warnings. */
export interface ContainerSurroundings {
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly annotationsPath: Path;
  /** AppArmor annotations are met elsewhere: a Pod's own become fields as it is created. */
  readonly ignoresAppArmor: boolean;
}

export function containerWarnings({ container, at }: ContainerAt, pod: ContainerSurroundings): string[] {
  const warnings = pod.annotations === undefined ? [] : annotationWarnings(container, pod.annotations, pod);
  const { resources, env } = container;
  if (resources) {
    for (const list of ['limits', 'requests'] as const) {
      if (resources[list]) {
        const path = at().child('resources', list);
        warnings.push(...fractionalByteWarnings(resources[list], byteResources, path));
      }
    }
  }
  if (env && env.length > 1) warnings.push(...hiddenVariableWarnings(env, at));
  return warnings;
}

function annotationWarnings(
  { name, securityContext }: Container | EphemeralContainer,
  annotations: Readonly<Record<string, string>>,
  { annotationsPath, ignoresAppArmor }: ContainerSurroundings,
): string[] {
  const warnings: string[] = [];
  const seccomp = `container.seccomp.security.alpha.kubernetes.io/${name}`;
  if (!securityContext?.seccompProfile && Object.hasOwn(annotations, seccomp)) {
    warnings.push(`${annotationsPath.key(seccomp)}: non-functional in v1.27+; use the "seccompProfile" field instead`);
  }
  const appArmor = `container.apparmor.security.beta.kubernetes.io/${name}`;
  if (!ignoresAppArmor && !securityContext?.appArmorProfile && Object.hasOwn(annotations, appArmor)) {
    warnings.push(`${annotationsPath.key(appArmor)}: deprecated since v1.30; use the "appArmorProfile" field instead`);
  }
  return warnings;
}

/** A variable that is set again, without use of what it was before. */
function hiddenVariableWarnings(env: readonly EnvVar[], at: () => Path): string[] {
  const warnings: string[] = [];
  const names = new Set<string>();
  for (const [index, { name, value = '', valueFrom }] of env.entries()) {
    const reference = `$(${name})`;
    const extends_ = !valueFrom && value !== reference && value.includes(reference);
    if (names.has(name) && !extends_) {
      const hidden = `hides previous definition of ${quote(name)}, which may be dropped when using apply`;
      warnings.push(`${at().child('env').index(index)}: ${hidden}`);
    }
    names.add(name);
  }
  return warnings;
}
