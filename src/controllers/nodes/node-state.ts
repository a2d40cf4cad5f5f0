/** What controllers ask of a Node. */
import type { Node, NodeCondition, Pod } from '../../api/types/core.v1.ts';
import type { IndexFunction } from '../../client/indexer.ts';

export function nodeCondition({ status }: Pick<Node, 'status'>, type: string): NodeCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** The region and zone of a Node in one key (upstream's `GetZoneKey`); '': it says neither. */
export function zoneKey({ metadata: { labels = {} } }: Node): string {
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return zone === '' && region === '' ? '' : `${region}:\0:${zone}`;
}

/** An index of Pods by the Node that they are assigned to. */
export const nodeNameIndex = 'spec.nodeName';

export const nodeNameOf: IndexFunction<Pod> = ({ spec: { nodeName = '' } }) => (nodeName === '' ? [] : [nodeName]);
