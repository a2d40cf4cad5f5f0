/** Which nodes a selector chooses (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity). */
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../types/core.v1.ts';

const integer = /^[+-]?\d+$/;

function meets(value: string | undefined, { operator, values = [] }: NodeSelectorRequirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const [limit = ''] = values;
      if (value === undefined || !integer.test(value) || !integer.test(limit)) return false;
      return operator === 'Gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit);
    }
    default:
      return false;
  }
}

/** All of a term's requirements; a term without any matches nothing. */
export function matchesTerm({ metadata }: Node, { matchExpressions, matchFields }: NodeSelectorTerm): boolean {
  const expressions = matchExpressions ?? [];
  const fields = matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  return (
    expressions.every((requirement) => meets(metadata.labels?.[requirement.key], requirement)) &&
    fields.every((requirement) => requirement.key === 'metadata.name' && meets(metadata.name, requirement))
  );
}

/** Any of its terms. */
export function matchesNodeSelector(node: Node, { nodeSelectorTerms }: NodeSelector): boolean {
  return (nodeSelectorTerms ?? []).some((term) => matchesTerm(node, term));
}

/** What a Pod requires of its node: `spec.nodeSelector` and the required part of `spec.affinity.nodeAffinity`. */
export function meetsNodeRequirements({ nodeSelector, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [key, value] of Object.entries(nodeSelector ?? {})) if (labels[key] !== value) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(node, required);
}
