import { matchesTerm, meetsNodeRequirements } from '../../api/core/node-selector.ts';
import type { Node, NodeSelectorRequirement, Pod } from '../../api/types/core.v1.ts';
import { unresolvable, type Plugin } from '../contract.ts';
import { normalizeScores } from '../framework.ts';

/** The nodes that a Pod names by `matchFields`, when every one of its terms does; undefined: any. */
function namedNodes({ spec }: Pod): ReadonlySet<string> | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of required.nodeSelectorTerms ?? []) {
    const ofTerm = matchFields.filter(isByName).map(({ values }) => new Set(values));
    if (ofTerm.length === 0) return undefined;
    for (const name of ofTerm.reduce((all, some) => all.intersection(some))) names.add(name);
  }
  return names;
}

function isByName({ key, operator }: NodeSelectorRequirement): boolean {
  return key === 'metadata.name' && operator === 'In';
}

/** `spec.nodeSelector` and `spec.affinity.nodeAffinity`. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  mayHelp: ({ resource, object }, { spec }) => resource === 'Node' && meetsNodeRequirements(spec, object as Node),
  preFilter: (_state, pod) => {
    const { nodeSelector, affinity } = pod.spec;
    const isFree =
      Object.keys(nodeSelector ?? {}).length === 0 &&
      affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution === undefined;
    if (isFree) return 'skip';
    const names = namedNodes(pod);
    if (names?.size === 0) return unresolvable('pod affinity terms conflict');
    return names;
  },
  filter: (_state, { spec }, { node }) =>
    node !== undefined && meetsNodeRequirements(spec, node)
      ? undefined
      : unresolvable("node(s) didn't match Pod's node affinity/selector"),
  preScore: (_state, { spec }) =>
    (spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).length === 0
      ? 'skip'
      : undefined,
  score: (_state, { spec }, { node }) => {
    const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    let sum = 0;
    for (const { weight, preference } of preferred) {
      if (node !== undefined && matchesTerm(node, preference)) sum += weight;
    }
    return sum;
  },
  normalize: (_state, _pod, scores) => normalizeScores(scores),
};
