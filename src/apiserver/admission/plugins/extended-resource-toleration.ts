import { isExtendedResource } from '../../../api/core/validation/resource-kinds.ts';
import type { Pod } from '../../../api/types/core.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import { isOfPods } from './pod-requests.ts';

/** Lets Pods that ask for a device run on the nodes that are kept free for such Pods. */
export class ExtendedResourceToleration implements AdmissionPlugin {
  readonly name = 'ExtendedResourceToleration';

  handles(kind: RequestKind): boolean {
    return isOfPods(kind, 'CREATE', 'UPDATE');
  }

  admit({ object }: Attributes): void {
    const { spec } = object as Pod;
    if (!spec) return;
    const asked = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
      Object.keys(resources?.requests ?? {}),
    );
    const devices = [...new Set(asked.filter(isExtendedResource))].sort();
    if (devices.length === 0) return;
    // One for another value of the same key and effect is replaced.
    const others = (spec.tolerations ?? []).filter(({ key = '', operator, effect }) => {
      return !(devices.includes(key) && operator === 'Exists' && effect === 'NoSchedule');
    });
    const added = devices.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }) as const);
    spec.tolerations = [...others, ...added];
  }
}
