/** When a container that ended is started again (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/). */
import type { Container, PodSpec } from '../../api/types/core.v1.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** Of one container: its own policy and rules (KEP-5307) before the Pod's. */
export function shouldRestart(container: Container, spec: PodSpec, exitCode: number): boolean {
  if (container.restartPolicy === undefined) return allows(spec.restartPolicy ?? 'Always', exitCode);
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const isListed = exitCodes?.values?.includes(exitCode) ?? false;
    const matches = exitCodes !== undefined && (exitCodes.operator === 'In' ? isListed : !isListed);
    if (matches) return action === 'Restart' || action === 'RestartAllContainers';
  }
  return allows(container.restartPolicy, exitCode);
}

function allows(policy: string, exitCode: number): boolean {
  if (policy === 'Always') return true;
  return policy === 'OnFailure' && exitCode !== 0;
}
