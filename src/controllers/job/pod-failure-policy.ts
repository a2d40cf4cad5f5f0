import type {
  PodFailurePolicy,
  PodFailurePolicyAction,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../api/types/batch.v1.ts';
import type { ContainerStatus, Pod } from '../../api/types/core.v1.ts';

/** What a policy says of a failed Pod (KEP-3329). */
export interface PodFailureVerdict {
  /** Of the first rule that matches. */
  readonly action?: PodFailurePolicyAction;
  /** Whether it counts towards the back-off limits. */
  readonly isCounted: boolean;
  /** Why the whole Job fails; undefined: it does not. */
  readonly failJobMessage?: string;
}

export function judgePodFailure(policy: PodFailurePolicy | undefined, pod: Pod): PodFailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const match = matchOf(rule, pod);
    if (match === undefined) continue;
    const { action } = rule;
    if (action !== 'FailJob') return { action, isCounted: action !== 'Ignore' };
    return { action, isCounted: true, failJobMessage: `${match} matching ${action} rule at index ${index}` };
  }
  return { isCounted: true };
}

/** What of the Pod the rule matches, in words. */
function matchOf(
  { onExitCodes, onPodConditions }: PodFailurePolicyRule,
  { metadata, status }: Pod,
): string | undefined {
  const name = `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
  if (onExitCodes !== undefined) {
    const container =
      status?.containerStatuses?.find((one) => matchesExitCode(one, onExitCodes)) ??
      status?.initContainerStatuses?.find((one) => matchesExitCode(one, onExitCodes));
    if (container === undefined) return undefined;
    return `Container ${container.name} for pod ${name} failed with exit code ${container.state?.terminated?.exitCode ?? 0}`;
  }
  const condition = status?.conditions?.find(({ type, status: held }) =>
    onPodConditions?.some((pattern) => pattern.type === type && pattern.status === held),
  );
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
}

function matchesExitCode(
  { name, state }: ContainerStatus,
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
): boolean {
  const exitCode = state?.terminated?.exitCode;
  if (exitCode === undefined || exitCode === 0) return false;
  if (containerName !== undefined && containerName !== name) return false;
  return (values ?? []).includes(exitCode) === (operator === 'In');
}
