import type { Node } from '../../../../api/types/core.v1.ts';
import { quote } from '../../../../machinery/quote.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import { refusal } from '../../refusals.ts';
import { nodeOf } from './node-identity.ts';
import { checkClaimStatus, checkCSINode, checkLease, checkNode, checkResourceSlice } from './node-objects.ts';
import { checkPod, checkPodEviction, checkPodStatus } from './node-pods.ts';
import { checkToken, type TokenReaders } from './token-audience.ts';

export interface NodeRestrictionOptions extends TokenReaders {
  readonly nodes: Lister<Node>;
}

type Rule = (attributes: Attributes, node: string, options: NodeRestrictionOptions) => void | Promise<void>;

/** By `<plural>.<group>`. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['pods.', checkPods],
  ['nodes.', checkNode],
  ['persistentvolumeclaims.', checkClaimStatus],
  ['serviceaccounts.', checkServiceAccount],
  ['leases.coordination.k8s.io', checkLease],
  ['csinodes.storage.k8s.io', checkCSINode],
  ['resourceslices.resource.k8s.io', checkResourceSlice],
]);

/** Lets nodes write what is theirs, and nothing by which one could get at what is of others (KEP-279). */
export class NodeRestriction implements AdmissionPlugin {
  readonly name = 'NodeRestriction';
  readonly #options: NodeRestrictionOptions;

  constructor(options: NodeRestrictionOptions) {
    this.#options = options;
  }

  handles(kind: RequestKind): boolean {
    return kind.operation !== 'CONNECT' && rules.has(keyOf(kind));
  }

  admit(attributes: Attributes): void | Promise<void> {
    const node = nodeOf(attributes.user);
    if (node === undefined) return undefined;
    if (node === '') {
      throw refusal(attributes, `could not determine node from user ${quote(attributes.user.username)}`);
    }
    return this.#check(attributes, node);
  }

  /** What nodes need is loaded when the first of them comes. */
  async #check(attributes: Attributes, node: string): Promise<void> {
    const { nodes, pods, claims, volumes, drivers } = this.#options;
    const isForToken = attributes.requestKind.resource === 'serviceaccounts';
    const needed = isForToken ? [pods, claims, volumes, drivers] : [nodes, pods];
    await Promise.all(needed.map((lister) => lister.load()));
    await rules.get(keyOf(attributes.requestKind))?.(attributes, node, this.#options);
  }
}

function keyOf({ group, resource }: RequestKind): string {
  return `${resource}.${group}`;
}

function checkPods(attributes: Attributes, node: string, { nodes, pods }: NodeRestrictionOptions): void {
  switch (attributes.subresource) {
    case '':
      checkPod(attributes, node, nodes);
      return;
    case 'status':
      checkPodStatus(attributes, node);
      return;
    case 'eviction':
      checkPodEviction(attributes, node, pods);
      return;
    default:
      throw refusal(
        attributes,
        `unexpected pod subresource ${quote(attributes.subresource)}, only 'status' and 'eviction' are allowed`,
      );
  }
}

async function checkServiceAccount(attributes: Attributes, node: string, options: TokenReaders): Promise<void> {
  const { operation, subresource } = attributes;
  if (operation === 'CREATE' && subresource === 'token') await checkToken(attributes, node, options);
}
