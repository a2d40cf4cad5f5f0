import type { ControllerDefinition } from '../contract.ts';
import { GarbageCollector } from './garbage-collector.ts';

export const garbageCollectorController: ControllerDefinition = {
  name: 'garbage-collector-controller',
  alias: 'garbagecollector',
  serviceAccount: 'generic-garbage-collector',
  create: (context) => new GarbageCollector(context),
};
