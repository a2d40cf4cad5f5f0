import type { ControllerDefinition } from '../contract.ts';
import { PodGarbageCollector } from './pod-garbage-collector.ts';

export const podGarbageCollector: ControllerDefinition = {
  name: 'pod-garbage-collector-controller',
  alias: 'podgc',
  serviceAccount: 'pod-garbage-collector',
  create: (context) => new PodGarbageCollector(context),
};
