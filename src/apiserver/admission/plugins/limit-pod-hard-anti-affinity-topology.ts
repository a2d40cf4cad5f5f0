import type { Pod } from '../../../api/types/core.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import { refusal } from '../refusals.ts';
import { isOfPods } from './pod-requests.ts';

const hostname = 'kubernetes.io/hostname';

/** Lets Pods keep others from their node, and not from a whole zone. */
export class LimitPodHardAntiAffinityTopology implements AdmissionPlugin {
  readonly name = 'LimitPodHardAntiAffinityTopology';

  handles(kind: RequestKind): boolean {
    return isOfPods(kind, 'CREATE', 'UPDATE');
  }

  validate(attributes: Attributes): void {
    const { affinity } = (attributes.object as Pod).spec ?? {};
    for (const { topologyKey } of affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
      if (topologyKey === hostname) continue;
      throw refusal(
        attributes,
        `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${topologyKey} but only key ${hostname} is allowed`,
      );
    }
  }
}
