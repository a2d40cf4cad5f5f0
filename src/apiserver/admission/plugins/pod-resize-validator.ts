import { aggregateContainerResources } from '../../../api/core/pod-resources.ts';
import { addAmounts, quantityOf, type Amounts } from '../../../api/core/resource-list.ts';
import type { Node, Pod, PodSpec } from '../../../api/types/core.v1.ts';
import { quote } from '../../../machinery/quote.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../contract.ts';
import type { Lister } from '../lister.ts';
import { refusal } from '../refusals.ts';
import { isOf } from './pod-requests.ts';

/** Refuses a change of a Pod's resources that its node could never give (KEP-1287). */
export class PodResizeValidator implements AdmissionPlugin {
  readonly name = 'PodResizeValidator';
  readonly #nodes: Lister<Node>;

  constructor(nodes: Lister<Node>) {
    this.#nodes = nodes;
  }

  handles(kind: RequestKind): boolean {
    return isOf(kind, '', 'pods') && kind.subresource === 'resize' && kind.operation === 'UPDATE';
  }

  prepare(): Promise<void> | undefined {
    return this.#nodes.load();
  }

  validate(attributes: Attributes): void {
    const { metadata, spec } = attributes.object as Pod;
    // The generation says whether anything of the spec changed.
    if (!spec?.nodeName || attributes.oldObject?.metadata?.generation === metadata.generation) return;
    const node = this.#nodes.get('', spec.nodeName);
    if (node === undefined) throw refusal(attributes, `node ${quote(spec.nodeName)} not found`);
    const lacking = lackingOn(node, spec);
    if (lacking.length > 0) {
      throw refusal(attributes, `Node didn't have enough allocatable resources: ${lacking.join('; ')}`);
    }
    const system = node.metadata.labels?.['kubernetes.io/os'] ?? '';
    if (system === 'linux') return;
    throw refusal(
      attributes,
      `pod resize is only supported on linux nodes, node ${quote(spec.nodeName)} is ${quote(system)}`,
    );
  }
}

function lackingOn({ status }: Node, spec: PodSpec): string[] {
  const requests: Amounts = aggregateContainerResources(spec, (resources) => resources.requests);
  for (const [name, amount] of Object.entries(spec.resources?.requests ?? {})) requests.set(name, quantityOf(amount));
  addAmounts(requests, spec.overhead);
  // CPU is printed in thousandths, memory in bytes.
  return (
    [
      ['cpu', -3],
      ['memory', 0],
    ] as const
  ).flatMap(([name, scale]) => {
    const requested = requests.get(name)?.ceil(scale) ?? 0n;
    const allocatable = quantityOf(status?.allocatable?.[name]).ceil(scale);
    return requested > allocatable ? [`${name}, requested: ${requested}, allocatable: ${allocatable}`] : [];
  });
}
