import { tolerates, untoleratedTaint } from '../../api/core/taints.ts';
import type { Node, Toleration } from '../../api/types/core.v1.ts';
import { unresolvable, type Plugin } from '../contract.ts';
import { normalizeScores } from '../framework.ts';

const keepsAway = ['NoSchedule', 'NoExecute'];

/** Keeps Pods off nodes with taints that they do not tolerate, and prefers those with fewer that they would rather avoid. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  mayHelp: ({ resource, object }, { spec }) =>
    resource === 'Node' && untoleratedTaint((object as Node).spec?.taints, spec.tolerations, keepsAway) === undefined,
  filter: (_state, { spec }, { node }) => {
    const taint = untoleratedTaint(node?.spec?.taints, spec.tolerations, keepsAway);
    if (taint === undefined) return undefined;
    return unresolvable(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  },
  preScore(state, { spec }) {
    const tolerations = (spec.tolerations ?? []).filter(
      ({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule',
    );
    state.write(this, tolerations);
    return undefined;
  },
  score(state, _pod, { node }) {
    const tolerations = state.read<readonly Toleration[]>(this) ?? [];
    return (node?.spec?.taints ?? []).filter(
      (taint) => taint.effect === 'PreferNoSchedule' && !tolerations.some((one) => tolerates(one, taint)),
    ).length;
  },
  normalize: (_state, _pod, scores) => normalizeScores(scores, true),
};
