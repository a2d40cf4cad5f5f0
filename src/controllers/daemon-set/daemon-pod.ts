/** How a DaemonSet's Pods differ from its template: each is for one node, and bears what is wrong with it. */
import { templateGenerationAnnotation } from '../../api/apps/template-generation.ts';
import type { DaemonSet } from '../../api/types/apps.v1.ts';
import type {
  Affinity,
  NodeSelector,
  Pod,
  PodSpec,
  PodTemplateSpec,
  TaintEffect,
  Toleration,
} from '../../api/types/core.v1.ts';
import { controllerRevisionHashLabel } from '../history.ts';

/** What `apps/v1` calls an annotation was once a field, and still is a label of Pods. */
const templateGenerationLabel = 'pod-template-generation';

function tolerateAll(key: string, effect: TaintEffect): Toleration {
  return { key, operator: 'Exists', effect };
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations */
const daemonTolerations: readonly Toleration[] = [
  tolerateAll('node.kubernetes.io/not-ready', 'NoExecute'),
  tolerateAll('node.kubernetes.io/unreachable', 'NoExecute'),
  tolerateAll('node.kubernetes.io/disk-pressure', 'NoSchedule'),
  tolerateAll('node.kubernetes.io/memory-pressure', 'NoSchedule'),
  tolerateAll('node.kubernetes.io/pid-pressure', 'NoSchedule'),
  tolerateAll('node.kubernetes.io/unschedulable', 'NoSchedule'),
];
const hostNetworkToleration = tolerateAll('node.kubernetes.io/network-unavailable', 'NoSchedule');

/** The tolerations of a template with those that every daemon has; its own of the same taint lose their time limit. */
export function tolerationsOf({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const result = [...tolerations];
  for (const one of [...daemonTolerations, ...(hostNetwork === true ? [hostNetworkToleration] : [])]) {
    const at = result.findIndex(
      ({ key, operator, effect, value }) =>
        key === one.key && operator === one.operator && effect === one.effect && (value ?? '') === '',
    );
    if (at < 0) result.push({ ...one });
    else result[at] = { ...one };
  }
  return result;
}

/** An affinity that leaves but this node, whatever it required of nodes. */
function bindToNode(affinity: Affinity | undefined, nodeName: string): Affinity {
  const required: NodeSelector = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
  };
  return {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required },
  };
}

/** The template of the Pod for a node: the scheduler brings it there, as the only node that it may be on. */
export function templateFor({ metadata, spec }: DaemonSet, hash: string, nodeName: string): PodTemplateSpec {
  const { template } = spec;
  const generation = metadata.annotations?.[templateGenerationAnnotation];
  const hasGeneration = generation !== undefined && /^[+-]?\d+$/.test(generation);
  const labels = {
    ...template.metadata?.labels,
    ...(hasGeneration ? { [templateGenerationLabel]: generation } : {}),
    [controllerRevisionHashLabel]: hash,
  };
  const podSpec = template.spec ?? { containers: [] };
  return {
    ...template,
    metadata: { ...template.metadata, labels },
    spec: {
      ...podSpec,
      tolerations: tolerationsOf(podSpec),
      affinity: bindToNode(podSpec.affinity, nodeName),
    },
  };
}

/** The node that a Pod is on or for; undefined: nothing says. */
export function targetNodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields } of terms) {
    const named = matchFields?.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named !== undefined) return named.values?.length === 1 ? named.values[0] : undefined;
  }
  return undefined;
}

/** The hash of the revision that a Pod was made from. */
export function hashOfPod({ metadata }: Pod): string {
  return metadata.labels?.[controllerRevisionHashLabel] ?? '';
}

/** Pods of one node: those that the scheduler has bound first, then the oldest. */
export function compareDaemonPods(a: Pod, b: Pod): number {
  const bound = Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName));
  if (bound !== 0) return bound;
  const orderOf = ({ metadata }: Pod): string => `${metadata.creationTimestamp ?? ''}/${metadata.name ?? ''}`;
  return orderOf(a) < orderOf(b) ? -1 : 1;
}

export type PodsByNode = ReadonlyMap<string, readonly Pod[]>;

export function byNode(pods: readonly Pod[]): PodsByNode {
  const nodes = new Map<string, Pod[]>();
  for (const pod of pods) {
    const name = targetNodeOf(pod);
    if (name === undefined) continue;
    const others = nodes.get(name);
    if (others === undefined) nodes.set(name, [pod]);
    else others.push(pod);
  }
  for (const list of nodes.values()) list.sort(compareDaemonPods);
  return nodes;
}
