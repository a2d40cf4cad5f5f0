/** What is reported of containers. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isUserID } from '../../../machinery/names.ts';
import type { Container, ContainerStatus, PodOS, PodSpec, ResourceStatus } from '../../types/core.v1.ts';
import { addInvalid, hasItems, listOf, type Maybe } from '../../field-rules.ts';
import { checkUnixID } from './security-contexts.ts';

/**
 * A container that ended stays so, unless its Pod or its own rules start it again.
 * @param containers Of the spec; absent for ephemeral containers, which never start again.
 */
export function checkStateTransitions(
  errors: FieldError[],
  path: Path,
  statuses: Maybe<ContainerStatus>,
  old: Maybe<ContainerStatus>,
  spec: PodSpec,
  containers: Maybe<Container>,
): void {
  for (const [index, { name, state }] of listOf(old).entries()) {
    const ended = state?.terminated;
    if (!ended) continue;
    const runsAgain = listOf(statuses).some((status) => status.name === name && !status.state?.terminated);
    if (!runsAgain) continue;
    const container = listOf(containers).find((candidate) => candidate.name === name);
    if (container && mayStartAgain(container, spec, ended.exitCode ?? 0)) continue;
    errors.push(path.index(index).child('state').forbidden('may not be transitioned to non-terminated state'));
  }
}

/** By the first of its own rules that matches, its own policy, or its Pod's (KEP-5307). */
function mayStartAgain(container: Container, spec: PodSpec, exitCode: number): boolean {
  if ([...listOf(spec.containers), ...listOf(spec.initContainers)].some(mayRestartAll)) return true;
  if (container.restartPolicy !== undefined) {
    const rule = listOf(container.restartPolicyRules).find(({ exitCodes }) => {
      const isNamed = listOf(exitCodes?.values).includes(exitCode);
      return exitCodes?.operator === 'In' ? isNamed : exitCodes?.operator === 'NotIn' && !isNamed;
    });
    if (rule?.action === 'Restart') return true;
  }
  switch (container.restartPolicy ?? spec.restartPolicy) {
    case 'OnFailure':
      return exitCode !== 0;
    case 'Never':
      return false;
    default:
      return true;
  }
}

/** A rule that starts every container again, whatever became of it (KEP-5532). */
function mayRestartAll({ restartPolicyRules }: Container): boolean {
  return listOf(restartPolicyRules).some(({ action }) => action === 'RestartAllContainers');
}

export function checkStatusUsers(
  errors: FieldError[],
  path: Path,
  statuses: Maybe<ContainerStatus>,
  os: PodOS | undefined,
): void {
  for (const [index, { user }] of listOf(statuses).entries()) {
    if (!user?.linux) continue;
    const at = path.index(index).child('user', 'linux');
    const name: string = os?.name ?? 'linux';
    if (name === 'windows') errors.push(at.forbidden('cannot be set for a windows pod'));
    if (name !== 'linux') continue;
    checkUnixID(errors, at, 'uid', user.linux.uid);
    checkUnixID(errors, at, 'gid', user.linux.gid);
    for (const [position, id] of listOf(user.linux.supplementalGroups).entries()) {
      addInvalid(errors, at.child('supplementalGroups').index(position), id, isUserID(id));
    }
  }
}

/** @param containers Of the spec; absent for ephemeral containers, which are allotted nothing. */
export function checkStatusResources(
  errors: FieldError[],
  path: Path,
  statuses: Maybe<ContainerStatus>,
  containers: Maybe<Container>,
): void {
  for (const [index, status] of listOf(statuses).entries()) {
    if (!hasItems(status.allocatedResourcesStatus)) continue;
    const at = path.index(index).child('allocatedResourcesStatus');
    if (!containers) {
      errors.push(at.forbidden('must not be specified in container status'));
      continue;
    }
    const container = containers.find(({ name }) => name === status.name);
    for (const [position, resource] of listOf(status.allocatedResourcesStatus).entries()) {
      checkResource(errors, at.index(position), resource, container);
    }
  }
}

const health: ReadonlySet<string> = new Set(['Healthy', 'Unhealthy', 'Unknown']);

function checkResource(
  errors: FieldError[],
  path: Path,
  resource: ResourceStatus,
  container: Container | undefined,
): void {
  const { name = '' } = resource;
  if (container && !isAskedFor(name, container)) {
    const rule = name.startsWith('claim:')
      ? "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
      : "must match one of the container's resource requests";
    errors.push(path.child('name').invalid(name, rule));
  }
  const seen = new Set<string>();
  for (const [index, { resourceID = '', ...rest }] of listOf(resource.resources).entries()) {
    const at = path.child('resources').index(index);
    const state: string = rest.health ?? '';
    if (!health.has(state)) errors.push(at.child('health').notSupported(state, health));
    if (seen.has(resourceID)) errors.push(at.child('resourceID').duplicate(resourceID));
    seen.add(resourceID);
  }
}

function isAskedFor(name: string, { resources }: Container): boolean {
  if (!name.startsWith('claim:')) return Object.hasOwn(resources?.requests ?? {}, name);
  return listOf(resources?.claims).some((claim) => {
    const request = claim.request ? `/${claim.request}` : '';
    return `claim:${claim.name ?? ''}${request}` === name;
  });
}
