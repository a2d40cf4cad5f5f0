/** Probes of containers, and what runs as containers start and stop. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isHTTPHeaderName, isPortName, isPortNumber } from '../../../machinery/names.ts';
import type { IntOrString } from '../../../machinery/int-or-string.ts';
import type {
  Container,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  PodOS,
  Probe,
  ProbeHandler,
  SleepAction,
} from '../../types/core.v1.ts';
import { addInvalid, checkNotNegative, hasItems, listOf } from '../../field-rules.ts';
import { linuxSignals, windowsSignals } from './stop-signals.ts';

/** What probes and handlers need to know of their Pod. */
export interface PodLifetime {
  readonly gracePeriodSeconds: number | undefined;
  readonly os: PodOS | undefined;
}

type Probed = Pick<Container, 'lifecycle' | 'livenessProbe' | 'readinessProbe' | 'startupProbe'>;

/** The lifecycle and the three probes of a container, in upstream's order. */
export function checkProbes(errors: FieldError[], path: Path, container: Probed, pod: PodLifetime): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle) checkLifecycle(errors, path.child('lifecycle'), lifecycle, pod);
  if (livenessProbe) checkOnceProbe(errors, path.child('livenessProbe'), livenessProbe);
  if (readinessProbe) {
    const at = path.child('readinessProbe');
    checkProbe(errors, at, readinessProbe);
    const seconds = readinessProbe.terminationGracePeriodSeconds;
    if (seconds !== undefined) {
      errors.push(at.child('terminationGracePeriodSeconds').invalid(seconds, 'must not be set for readinessProbes'));
    }
  }
  if (startupProbe) checkOnceProbe(errors, path.child('startupProbe'), startupProbe);
}

/** A probe whose first success counts. */
function checkOnceProbe(errors: FieldError[], path: Path, probe: Probe): void {
  checkProbe(errors, path, probe);
  const { successThreshold = 0 } = probe;
  if (successThreshold !== 1) errors.push(path.child('successThreshold').invalid(successThreshold, 'must be 1'));
}

function checkProbe(errors: FieldError[], path: Path, probe: Probe): void {
  checkHandler(errors, path, probe, undefined);
  checkNotNegative(errors, path, 'initialDelaySeconds', probe.initialDelaySeconds);
  checkNotNegative(errors, path, 'timeoutSeconds', probe.timeoutSeconds);
  checkNotNegative(errors, path, 'periodSeconds', probe.periodSeconds);
  checkNotNegative(errors, path, 'successThreshold', probe.successThreshold);
  checkNotNegative(errors, path, 'failureThreshold', probe.failureThreshold);
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds <= 0) {
    errors.push(path.child('terminationGracePeriodSeconds').invalid(seconds, 'must be greater than 0'));
  }
}

function checkLifecycle(errors: FieldError[], path: Path, lifecycle: Lifecycle, pod: PodLifetime): void {
  const { postStart, preStop, stopSignal } = lifecycle;
  if (postStart) checkHandler(errors, path.child('postStart'), postStart, pod.gracePeriodSeconds);
  if (preStop) checkHandler(errors, path.child('preStop'), preStop, pod.gracePeriodSeconds);
  if (stopSignal !== undefined) checkStopSignal(errors, path.child('stopSignal'), stopSignal, pod.os);
}

function checkStopSignal(errors: FieldError[], path: Path, signal: string, os: PodOS | undefined): void {
  if (!os) {
    errors.push(path.forbidden('may not be set for containers with empty `spec.os.name`'));
    return;
  }
  const supported = os.name === 'windows' ? windowsSignals : os.name === 'linux' ? linuxSignals : undefined;
  if (supported && !supported.has(signal)) errors.push(path.notSupported(signal, supported));
}

/** Exactly one way to act. */
function checkHandler(
  errors: FieldError[],
  path: Path,
  handler: ProbeHandler & LifecycleHandler,
  gracePeriodSeconds: number | undefined,
): void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  let count = 0;
  const more = (name: string): boolean => {
    if (++count > 1) errors.push(path.child(name).forbidden('may not specify more than 1 handler type'));
    return count > 1;
  };
  if (exec && !more('exec') && !hasItems(exec.command)) errors.push(path.child('exec', 'command').required());
  if (httpGet && !more('httpGet')) checkHTTPGet(errors, path.child('httpGet'), httpGet);
  if (tcpSocket && !more('tcpSocket')) checkPort(errors, path.child('tcpSocket', 'port'), tcpSocket.port);
  if (grpc && !more('grpc')) checkPort(errors, path.child('grpc', 'port'), grpc.port);
  if (sleep && !more('sleep')) checkSleep(errors, path.child('sleep'), sleep, gracePeriodSeconds);
  if (count === 0) errors.push(path.required('must specify a handler type'));
}

function checkHTTPGet(errors: FieldError[], path: Path, action: HTTPGetAction): void {
  if (!action.path) errors.push(path.child('path').required());
  checkPort(errors, path.child('port'), action.port);
  const scheme: string = action.scheme ?? '';
  if (scheme !== 'HTTP' && scheme !== 'HTTPS')
    errors.push(path.child('scheme').notSupported(scheme, ['HTTP', 'HTTPS']));
  for (const { name = '' } of listOf(action.httpHeaders)) {
    addInvalid(errors, path.child('httpHeaders'), name, isHTTPHeaderName(name));
  }
}

/** A port by number or by name. */
export function checkPort(errors: FieldError[], path: Path, port: IntOrString | undefined): void {
  const value = port ?? 0;
  addInvalid(errors, path, value, typeof value === 'number' ? isPortNumber(value) : isPortName(value));
}

function checkSleep(errors: FieldError[], path: Path, { seconds = 0 }: SleepAction, most: number | undefined): void {
  // Where the Pod's own grace period is missing, that is the error.
  if (most === undefined || (seconds >= 0 && seconds <= most)) return;
  errors.push(path.invalid(seconds, `must be non-negative and less than terminationGracePeriodSeconds (${most})`));
}
