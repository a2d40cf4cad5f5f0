import { meetsNodeRequirements } from '../../api/core/node-selector.ts';
import { untoleratedTaint } from '../../api/core/taints.ts';
import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type { Node } from '../../api/types/core.v1.ts';
import { tolerationsOf } from './daemon-pod.ts';

/** Whether a node is to have a Pod of a DaemonSet. */
export type Eligibility =
  | 'run'
  /** One that is there may stay: a taint keeps only new ones away. */
  | 'stay'
  | 'none';

/** Which nodes are to have a Pod. Resources are the scheduler's business: a node that is full is eligible all the same. */
export function eligibilityFor({ spec }: DaemonSet): (node: Node) => Eligibility {
  const podSpec = spec.template.spec ?? { containers: [] };
  const tolerations = tolerationsOf(podSpec);
  return (node) => {
    if (podSpec.nodeName && podSpec.nodeName !== node.metadata.name) return 'none';
    if (!meetsNodeRequirements(podSpec, node)) return 'none';
    const taints = node.spec?.taints;
    if (untoleratedTaint(taints, tolerations, ['NoExecute']) !== undefined) return 'none';
    return untoleratedTaint(taints, tolerations, ['NoSchedule']) === undefined ? 'run' : 'stay';
  };
}
