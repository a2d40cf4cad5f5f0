import type { Node } from '../../../api/types/core.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import { isOf } from './pod-requests.ts';

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const;

/** Keeps Pods from a new node until somebody saw that it is ready. */
export class TaintNodesByCondition implements AdmissionPlugin {
  readonly name = 'TaintNodesByCondition';

  handles(kind: RequestKind): boolean {
    return isOf(kind, '', 'nodes') && kind.subresource === '' && kind.operation === 'CREATE';
  }

  admit({ object }: Attributes): void {
    const node = object as Node;
    const spec = (node.spec ??= {});
    const taints = spec.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return;
    spec.taints = [...taints, { ...notReady }];
  }
}
