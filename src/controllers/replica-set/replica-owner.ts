import type { ReplicaSet } from '../../api/types/apps.v1.ts';
import type { PodTemplateSpec, ReplicationController } from '../../api/types/core.v1.ts';
import type { Resource } from '../../client/resource.ts';
import { replicaSets, replicationControllers } from '../../client/resources.ts';
import { LabelSelector } from '../../machinery/label-selector.ts';

/** What keeps a number of equal Pods: two kinds that differ in little but their selector. */
export type ReplicaOwner = ReplicaSet | ReplicationController;

export interface ReplicaKind<T extends ReplicaOwner> {
  readonly resource: Resource<T>;
  selectorOf(owner: T): LabelSelector;
  /** ReplicaSets tell how many of their Pods are on their way out (KEP-3973). */
  readonly countsTerminating: boolean;
}

export const replicaSetKind: ReplicaKind<ReplicaSet> = {
  resource: replicaSets,
  selectorOf: ({ spec }) => LabelSelector.fromObject(spec?.selector),
  countsTerminating: true,
};

export const replicationControllerKind: ReplicaKind<ReplicationController> = {
  resource: replicationControllers,
  // An empty selector here selects nothing.
  selectorOf: ({ spec }) =>
    Object.keys(spec?.selector ?? {}).length === 0 ? LabelSelector.nothing : LabelSelector.fromLabels(spec?.selector),
  countsTerminating: false,
};

export function templateOf({ spec }: ReplicaOwner): PodTemplateSpec {
  return spec?.template ?? { metadata: {}, spec: { containers: [] } };
}
