import { tolerates } from '../../api/core/taints.ts';
import type { Node, Taint } from '../../api/types/core.v1.ts';
import { unresolvable, type Plugin } from '../contract.ts';

const unschedulableTaint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Keeps Pods off cordoned nodes, unless they tolerate that. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  mayHelp: ({ resource, object }) => resource === 'Node' && (object as Node).spec?.unschedulable !== true,
  filter: (_state, { spec }, { node }) => {
    if (node?.spec?.unschedulable !== true) return undefined;
    const isTolerated = (spec.tolerations ?? []).some((toleration) => tolerates(toleration, unschedulableTaint));
    return isTolerated ? undefined : unresolvable('node(s) were unschedulable');
  },
};
