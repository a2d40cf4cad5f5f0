import type { Controller, ControllerDefinition } from '../contract.ts';
import { NodeIPAMController } from './node-ipam-controller.ts';

const nothing: Controller = { run: () => Promise.resolve() };

export const nodeIPAMController: ControllerDefinition = {
  name: 'node-ipam-controller',
  alias: 'nodeipam',
  serviceAccount: 'node-controller',
  eventSource: 'cidrAllocator',
  // Without `--allocate-node-cidrs`, whoever runs the network gives Nodes theirs.
  create: (context) => (context.options.allocateNodeCIDRs ? new NodeIPAMController(context) : nothing),
};
