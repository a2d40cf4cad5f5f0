import { labelSelectorText } from '../label-selector-cell.ts';
import type { KubernetesObject, ScaleSubresource } from '../contract.ts';
import type { LabelSelector } from '../types/meta.v1.ts';

/** What the scalable workloads of this group have in common. */
interface Replicated extends KubernetesObject {
  spec: { replicas?: number; selector?: LabelSelector };
  status?: { replicas?: number };
}

/** The `scale` subresource of a workload with `spec.replicas` and a label selector. */
export function scaleSubresource<T extends Replicated>(): ScaleSubresource<T> {
  return {
    shape: 'scale',
    view: ({ spec, status }) => ({
      specReplicas: spec?.replicas ?? 0,
      statusReplicas: status?.replicas ?? 0,
      selector: labelSelectorText(spec?.selector),
    }),
    setReplicas(object, replicas) {
      object.spec = { ...object.spec, replicas };
    },
  };
}
