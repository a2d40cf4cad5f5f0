import type { ControllerDefinition } from '../contract.ts';
import { ReplicaController } from './replica-controller.ts';
import { replicaSetKind, replicationControllerKind } from './replica-owner.ts';

export const replicaSetController: ControllerDefinition = {
  name: 'replicaset-controller',
  alias: 'replicaset',
  serviceAccount: 'replicaset-controller',
  create: (context) => new ReplicaController(context, replicaSetKind, context.options.concurrentSyncs.replicaSet),
};

export const replicationControllerController: ControllerDefinition = {
  name: 'replicationcontroller-controller',
  alias: 'replicationcontroller',
  serviceAccount: 'replication-controller',
  create: (context) =>
    new ReplicaController(context, replicationControllerKind, context.options.concurrentSyncs.replicationController),
};
