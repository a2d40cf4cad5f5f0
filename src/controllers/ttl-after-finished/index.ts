import type { ControllerDefinition } from '../contract.ts';
import { TTLAfterFinishedController } from './ttl-after-finished-controller.ts';

export const ttlAfterFinishedController: ControllerDefinition = {
  name: 'ttl-after-finished-controller',
  alias: 'ttl-after-finished',
  serviceAccount: 'ttl-after-finished-controller',
  create: (context) => new TTLAfterFinishedController(context),
};
