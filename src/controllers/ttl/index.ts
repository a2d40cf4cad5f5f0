import type { ControllerDefinition } from '../contract.ts';
import { TTLController } from './ttl-controller.ts';

export const ttlController: ControllerDefinition = {
  name: 'ttl-controller',
  alias: 'ttl',
  serviceAccount: 'ttl-controller',
  create: (context) => new TTLController(context),
};
