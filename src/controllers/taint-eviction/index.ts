import type { ControllerDefinition } from '../contract.ts';
import { TaintEvictionController } from './taint-eviction-controller.ts';

export const taintEvictionController: ControllerDefinition = {
  name: 'taint-eviction-controller',
  alias: 'tainteviction',
  // Upstream gives it no role of its own.
  serviceAccount: 'node-controller',
  eventSource: 'taint-eviction-controller',
  create: (context) => new TaintEvictionController(context),
};
