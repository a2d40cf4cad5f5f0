import type { Pod, Toleration } from '../../../api/types/core.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import { isOfPods } from './pod-requests.ts';

export interface TolerationSeconds {
  readonly notReadySeconds: number;
  readonly unreachableSeconds: number;
}

/** Lets every Pod stay for a while on a node that stopped answering, rather than for ever. */
export class DefaultTolerationSeconds implements AdmissionPlugin {
  readonly name = 'DefaultTolerationSeconds';
  readonly #seconds: readonly (readonly [key: string, seconds: number])[];

  constructor({ notReadySeconds, unreachableSeconds }: TolerationSeconds) {
    this.#seconds = [
      ['node.kubernetes.io/not-ready', notReadySeconds],
      ['node.kubernetes.io/unreachable', unreachableSeconds],
    ];
  }

  handles(kind: RequestKind): boolean {
    return isOfPods(kind, 'CREATE', 'UPDATE');
  }

  admit({ object }: Attributes): void {
    const { spec } = object as Pod;
    if (!spec) return;
    const tolerations = spec.tolerations ?? [];
    const added: Toleration[] = [];
    for (const [key, tolerationSeconds] of this.#seconds) {
      if (tolerations.some((toleration) => isAbout(toleration, key))) continue;
      added.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds });
    }
    if (added.length > 0) spec.tolerations = [...tolerations, ...added];
  }
}

function isAbout(toleration: Toleration, taintKey: string): boolean {
  const { key = '', effect } = toleration;
  return (key === taintKey || key === '') && (effect === 'NoExecute' || !effect);
}
