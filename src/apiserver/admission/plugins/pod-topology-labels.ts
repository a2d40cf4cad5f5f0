import type { Binding, Node, Pod } from '../../../api/types/core.v1.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { isOf } from './pod-requests.ts';

const topologyLabels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Tells a Pod where its node is, so that the Pod can read it from its own labels (KEP-4742). */
export class PodTopologyLabels implements AdmissionPlugin {
  readonly name = 'PodTopologyLabels';
  readonly #nodes: Lister<Node>;

  constructor(nodes: Lister<Node>) {
    this.#nodes = nodes;
  }

  handles(kind: RequestKind): boolean {
    return isOf(kind, '', 'pods') && kind.operation === 'CREATE' && ['', 'binding'].includes(kind.subresource);
  }

  prepare(): Promise<void> | undefined {
    return this.#nodes.load();
  }

  admit({ object, subresource }: Attributes): void {
    if (object === undefined) return;
    const nodeName = subresource === 'binding' ? targetOf(object as Partial<Binding>) : (object as Pod).spec?.nodeName;
    if (!nodeName) return;
    // A node that is not there is for others to refuse.
    const labels = this.#nodes.record('', nodeName)?.labels;
    const copied: Record<string, string> = {};
    for (const key of topologyLabels) {
      const value = labels?.[key];
      if (value !== undefined) copied[key] = value;
    }
    if (Object.keys(copied).length === 0) return;
    const metadata = (object.metadata ??= {});
    metadata.labels = { ...metadata.labels, ...copied };
  }
}

function targetOf({ target }: Partial<Binding>): string | undefined {
  return target?.kind === undefined || target.kind === '' || target.kind === 'Node' ? target?.name : undefined;
}
