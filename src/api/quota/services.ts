import type { Amounts } from '../core/resource-list.ts';
import type { Service } from '../types/core.v1.ts';
import { Quantity } from '../../machinery/quantity.ts';
import { one, type Evaluator } from './evaluator.ts';

const names: ReadonlySet<string> = new Set([
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
]);

export const services: Evaluator = {
  handles: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  counts: (resource) => names.has(resource),
  usage: (object): Amounts => {
    const { spec } = object as Service;
    const isBalanced = spec?.type === 'LoadBalancer';
    return new Map([
      ['count/services', one],
      ['services', one],
      ['services.loadbalancers', Quantity.of(isBalanced ? 1 : 0)],
      ['services.nodeports', Quantity.of(nodePorts(spec))],
    ]);
  },
  isInScope: () => false,
};

/** Node ports that a Service has or will be given. */
function nodePorts(spec: Service['spec']): number {
  const ports = spec?.ports ?? [];
  if (spec?.type !== 'NodePort' && spec?.type !== 'LoadBalancer') return 0;
  if (spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false) return ports.length;
  return ports.filter(({ nodePort = 0 }) => nodePort !== 0).length;
}
