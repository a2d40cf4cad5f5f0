import type { ControllerDefinition } from '../contract.ts';
import { EphemeralVolumeController } from './ephemeral-volume-controller.ts';

export const ephemeralVolumeController: ControllerDefinition = {
  name: 'ephemeral-volume-controller',
  alias: 'ephemeral-volume',
  serviceAccount: 'ephemeral-volume-controller',
  create: (context) => new EphemeralVolumeController(context),
};
