import type { EnabledPlugin } from './contract.ts';
import { defaultBinder } from './plugins/default-binder.ts';
import { nodeAffinity } from './plugins/node-affinity.ts';
import { nodeName } from './plugins/node-name.ts';
import { nodePorts } from './plugins/node-ports.ts';
import { nodeResourcesBalancedAllocation, nodeResourcesFit } from './plugins/node-resources.ts';
import { nodeUnschedulable } from './plugins/node-unschedulable.ts';
import { schedulingGates } from './plugins/scheduling-gates.ts';
import { taintToleration } from './plugins/taint-toleration.ts';
import { VolumeBinding, type VolumeBindingOptions } from './plugins/volume-binding/volume-binding.ts';
import type { ResourceColumns } from './resources.ts';

/** The plugins of the profile `default-scheduler`, in upstream's order and with its weights. */
export function defaultPlugins(columns: ResourceColumns, options: VolumeBindingOptions): EnabledPlugin[] {
  const plain = (plugin: EnabledPlugin['plugin']): EnabledPlugin => ({ plugin, weight: 0 });
  return [
    plain(schedulingGates),
    plain(nodeUnschedulable),
    plain(nodeName),
    { plugin: taintToleration, weight: 3 },
    { plugin: nodeAffinity, weight: 2 },
    plain(nodePorts),
    { plugin: nodeResourcesFit(columns), weight: 1 },
    plain(new VolumeBinding(options)),
    { plugin: nodeResourcesBalancedAllocation(columns), weight: 1 },
    plain(defaultBinder(options.client)),
  ];
}
