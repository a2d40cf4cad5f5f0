/** The conditions of a Pod that the kubelet owns, with upstream's reasons and messages. */
import { isSidecar } from '../../api/core/pod-resources.ts';
import type { Container, ContainerStatus, PodCondition, PodPhase, PodSpec } from '../../api/types/core.v1.ts';
import { quote } from '../../machinery/quote.ts';

/** A condition before it is compared with the one that is known. */
export type Judgement = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

export const kubeletConditions: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
  'AllContainersRestarting',
]);

export interface ConditionInput {
  readonly spec: PodSpec;
  readonly phase: PodPhase;
  /** Of init containers and containers. */
  readonly statuses: readonly ContainerStatus[];
  readonly hasSandbox: boolean;
  /** Those of others, which readiness gates ask for. */
  readonly foreign: readonly PodCondition[];
}

/** In upstream's order. */
export function judgeConditions(input: ConditionInput): Judgement[] {
  const containersReady = judgeContainersReady(input);
  return [
    { type: 'PodReadyToStartContainers', status: input.hasSandbox ? 'True' : 'False' },
    judgeInitialized(input),
    judgeReady(input, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
  ];
}

function list(names: readonly string[]): string {
  return `[${names.join(' ')}]`;
}

function terminalReason(phase: PodPhase): string | undefined {
  if (phase === 'Failed') return 'PodFailed';
  return phase === 'Succeeded' ? 'PodCompleted' : undefined;
}

function judgeContainersReady({ spec, phase, statuses }: ConditionInput): Judgement {
  const type = 'ContainersReady';
  const unknown: string[] = [];
  const unready: string[] = [];
  for (const { name } of [...(spec.initContainers ?? []).filter(isSidecar), ...(spec.containers ?? [])]) {
    const status = statuses.find((candidate) => candidate.name === name);
    if (status === undefined) unknown.push(name);
    else if (!status.ready) unready.push(name);
  }
  const reason = terminalReason(phase);
  if (reason !== undefined && (phase === 'Failed' || unknown.length === 0)) return { type, status: 'False', reason };
  const messages = [
    ...(unknown.length === 0 ? [] : [`containers with unknown status: ${list(unknown)}`]),
    ...(unready.length === 0 ? [] : [`containers with unready status: ${list(unready)}`]),
  ];
  if (messages.length === 0) return { type, status: 'True' };
  return { type, status: 'False', reason: 'ContainersNotReady', message: messages.join(', ') };
}

function judgeReady({ spec, foreign }: ConditionInput, containersReady: Judgement): Judgement {
  const type = 'Ready';
  if (containersReady.status !== 'True') return { ...containersReady, type };
  const messages: string[] = [];
  for (const { conditionType } of spec.readinessGates ?? []) {
    const condition = foreign.find((candidate) => candidate.type === conditionType);
    const gate = quote(conditionType);
    if (condition === undefined) messages.push(`corresponding condition of pod readiness gate ${gate} does not exist.`);
    else if (condition.status !== 'True') {
      messages.push(`the status of pod readiness gate ${gate} is not "True", but ${condition.status}`);
    }
  }
  if (messages.length === 0) return { type, status: 'True' };
  return { type, status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function isInitialized(container: Container, status: ContainerStatus): boolean {
  return isSidecar(container) ? status.started === true : status.ready;
}

function judgeInitialized({ spec, phase, statuses }: ConditionInput): Judgement {
  const type = 'Initialized';
  const unknown: string[] = [];
  const incomplete: string[] = [];
  for (const container of spec.initContainers ?? []) {
    const status = statuses.find(({ name }) => name === container.name);
    if (status === undefined) unknown.push(container.name);
    else if (!isInitialized(container, status)) incomplete.push(container.name);
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { type, status: 'True', reason: 'PodCompleted' };
  // Sidecars that are being restarted do not undo the initialization.
  if (hasStarted(spec, statuses)) return { type, status: 'True' };
  const messages = [
    ...(unknown.length === 0 ? [] : [`containers with unknown status: ${list(unknown)}`]),
    ...(incomplete.length === 0 ? [] : [`containers with incomplete status: ${list(incomplete)}`]),
  ];
  if (messages.length === 0) return { type, status: 'True' };
  return { type, status: 'False', reason: 'ContainersNotInitialized', message: messages.join(', ') };
}

function hasStarted({ containers }: PodSpec, statuses: readonly ContainerStatus[]): boolean {
  return (containers ?? []).some(({ name }) => {
    const { state, lastState, started } = statuses.find((candidate) => candidate.name === name) ?? {};
    return started === true || state?.terminated !== undefined || lastState?.terminated !== undefined;
  });
}
