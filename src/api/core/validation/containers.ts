/** Containers, init containers and ephemeral containers of a Pod. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Label, isPortName, isPortNumber } from '../../../machinery/names.ts';
import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  EphemeralContainer,
  PodSpec,
} from '../../types/core.v1.ts';
import { addInvalid, hasItems, listOf, type Maybe } from '../../field-rules.ts';
import { checkEnvironment, checkEnvironmentSources } from './environment.ts';
import type { PodOptions } from './pod-options.ts';
import { checkProbes, type PodLifetime } from './probes.ts';
import { checkPullPolicy } from './pull-policy.ts';
import { checkContainerResources } from './resource-requirements.ts';
import { checkContainerRestart } from './restart-rules.ts';
import { checkSecurityContext } from './security-contexts.ts';
import { checkVolumeDevices, checkVolumeMounts, type Volumes } from './volume-mounts.ts';

/** What the containers of one Pod are checked against. */
export interface ContainerContext {
  readonly errors: FieldError[];
  readonly options: PodOptions;
  readonly spec: PodSpec;
  readonly volumes: Volumes;
  /** Names in `spec.resourceClaims`. */
  readonly claimNames: ReadonlySet<string>;
  readonly lifetime: PodLifetime;
}

export function checkContainers(path: Path, context: ContainerContext): void {
  const { errors, spec } = context;
  if (!hasItems(spec.containers)) {
    errors.push(path.required());
    return;
  }
  const names = new Set<string>();
  for (const [index, container] of listOf(spec.containers).entries()) {
    const at = path.index(index);
    const { name = '' } = container;
    checkCommon(at, container, context);
    if (names.has(name)) errors.push(at.child('name').duplicate(name));
    names.add(name);
    checkProbes(errors, at, container, context.lifetime);
    checkContainerRestart(errors, at, container);
  }
  checkHostPorts(errors, path, listOf(spec.containers), new Set());
}

export function checkInitContainers(path: Path, context: ContainerContext): void {
  const { errors, spec } = context;
  if (!hasItems(spec.initContainers)) return;
  const names = new Set(listOf(spec.containers).map(({ name = '' }) => name));
  for (const [index, container] of listOf(spec.initContainers).entries()) {
    const at = path.index(index);
    const { name = '' } = container;
    checkCommon(at, container, context);
    checkContainerRestart(errors, at, container);
    if (names.has(name)) errors.push(at.child('name').duplicate(name));
    else if (name !== '') names.add(name);
    // They run one after the other; the path is upstream's, which counts each as the first.
    checkHostPorts(errors, path, [container], new Set());
    if (container.restartPolicy === 'Always') checkProbes(errors, at, container, context.lifetime);
    else refuseProbes(errors, at, container);
  }
}

function refuseProbes(errors: FieldError[], path: Path, container: Container): void {
  for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (!container[field]) continue;
    errors.push(path.child(field).forbidden('may not be set for init containers without restartPolicy=Always'));
  }
}

/** What an ephemeral container cannot have: it is for looking into a Pod, not for serving. In the order of the type. */
const refusedOfEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

export function checkEphemeralContainers(path: Path, context: ContainerContext): void {
  const { errors, spec } = context;
  if (!hasItems(spec.ephemeralContainers)) return;
  const others = new Set([...listOf(spec.containers), ...listOf(spec.initContainers)].map(({ name = '' }) => name));
  const names = new Set(others);
  for (const [index, container] of listOf(spec.ephemeralContainers).entries()) {
    const at = path.index(index);
    const { name = '', targetContainerName: target = '' } = container;
    checkCommon(at, container, context);
    checkImagePadding(errors, at, container);
    if (names.has(name)) errors.push(at.child('name').duplicate(name));
    names.add(name);
    if (target !== '' && !others.has(target)) errors.push(at.child('targetContainerName').notFound(target));
    for (const field of refusedOfEphemeral) {
      if (isSet(container[field])) errors.push(at.child(field).forbidden('cannot be set for an Ephemeral Container'));
    }
    for (const [position, { subPath, subPathExpr }] of listOf(container.volumeMounts).entries()) {
      const mount = at.child('volumeMounts').index(position);
      const refusal = 'cannot be set for an Ephemeral Container';
      if (subPath) errors.push(mount.child('subPath').forbidden(refusal));
      if (subPathExpr) errors.push(mount.child('subPathExpr').forbidden(refusal));
    }
  }
}

/** Whether a member is there as Go sees it: an empty struct (`resources: {}`) or list is not. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** A Pod's own containers; templates may have an image that is completed later. */
export function checkImagePadding(
  errors: FieldError[],
  path: Path,
  { image = '' }: Pick<Container | EphemeralContainer, 'image'>,
): void {
  if (image === '' || image.trim() === image) return;
  errors.push(path.child('image').invalid(image, 'must not have leading or trailing whitespace'));
}

function checkCommon(path: Path, container: Container | EphemeralContainer, context: ContainerContext): void {
  const { errors, spec, options, volumes } = context;
  const { name = '', ports, env, envFrom, volumeMounts, volumeDevices, resources, resizePolicy } = container;
  if (name === '') errors.push(path.child('name').required());
  else {
    const sentences = isDNS1123Label(name);
    if (sentences.length > 0) addInvalid(errors, path.child('name'), name, sentences);
  }
  if (!container.image) errors.push(path.child('image').required());
  checkMessagePolicy(errors, path, container.terminationMessagePolicy);
  if (ports) checkPorts(errors, path.child('ports'), ports);
  if (env) checkEnvironment(errors, path.child('env'), env);
  if (envFrom) checkEnvironmentSources(errors, path.child('envFrom'), envFrom);
  if (volumeMounts) checkVolumeMounts(errors, path.child('volumeMounts'), container, volumes);
  if (volumeDevices) {
    checkVolumeDevices(errors, path.child('volumeDevices'), volumeDevices, volumeMounts, volumes);
  }
  checkPullPolicy(errors, path.child('imagePullPolicy'), container.imagePullPolicy);
  if (resources) checkContainerResources(errors, path.child('resources'), resources, context.claimNames, options);
  if (resizePolicy) checkResizePolicies(errors, path.child('resizePolicy'), resizePolicy, spec.restartPolicy);
  checkSecurityContext(errors, path.child('securityContext'), container.securityContext, spec.hostUsers !== false);
}

function checkMessagePolicy(errors: FieldError[], container: Path, policy: string | undefined): void {
  if (policy === 'File' || policy === 'FallbackToLogsOnError') return;
  const path = container.child('terminationMessagePolicy');
  if (!policy) errors.push(path.required());
  else errors.push(path.notSupported(policy, ['File', 'FallbackToLogsOnError']));
}

const protocols: ReadonlySet<string> = new Set(['SCTP', 'TCP', 'UDP']);

function checkPorts(errors: FieldError[], path: Path, ports: readonly ContainerPort[]): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const { name = '', containerPort = 0, hostPort = 0 } = port;
    const at = path.index(index);
    if (name !== '') {
      const sentences = isPortName(name);
      if (sentences.length > 0) addInvalid(errors, at.child('name'), name, sentences);
      else if (names.has(name)) errors.push(at.child('name').duplicate(name));
      else names.add(name);
    }
    if (containerPort === 0) errors.push(at.child('containerPort').required());
    else addInvalid(errors, at.child('containerPort'), containerPort, isPortNumber(containerPort));
    if (hostPort !== 0) addInvalid(errors, at.child('hostPort'), hostPort, isPortNumber(hostPort));
    const protocol: string = port.protocol ?? '';
    if (protocol === '') errors.push(at.child('protocol').required());
    else if (!protocols.has(protocol)) errors.push(at.child('protocol').notSupported(protocol, protocols));
  }
}

/** No two containers may take the same port of the node. `seen` gains what these take. */
function checkHostPorts(errors: FieldError[], path: Path, containers: readonly Container[], seen: Set<string>): void {
  for (const [index, { ports }] of containers.entries()) {
    for (const [position, { hostPort = 0, hostIP = '', protocol = '' }] of listOf(ports).entries()) {
      if (hostPort === 0) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (seen.has(key)) errors.push(path.index(index).child('ports').index(position).child('hostPort').duplicate(key));
      seen.add(key);
    }
  }
}

const resizeResources: ReadonlySet<string> = new Set(['cpu', 'memory']);
const resizeRestarts: ReadonlySet<string> = new Set(['NotRequired', 'RestartContainer']);

/** `path` is that of the list: upstream does not say which one is wrong. */
function checkResizePolicies(
  errors: FieldError[],
  path: Path,
  policies: Maybe<ContainerResizePolicy>,
  podRestartPolicy: string | undefined,
): void {
  const seen = new Set<string>();
  for (const [index, policy] of listOf(policies).entries()) {
    const name: string = policy.resourceName ?? '';
    const restart: string = policy.restartPolicy ?? '';
    if (seen.has(name)) errors.push(path.index(index).duplicate(name));
    seen.add(name);
    if (name === '') errors.push(path.required());
    else if (!resizeResources.has(name)) errors.push(path.notSupported(name, resizeResources));
    if (restart === '') errors.push(path.required());
    else if (!resizeRestarts.has(restart)) errors.push(path.notSupported(restart, resizeRestarts));
    if (podRestartPolicy === 'Never' && restart !== 'NotRequired') {
      errors.push(path.invalid(restart, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
  }
}
