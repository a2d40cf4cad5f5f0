import type { ControllerDefinition } from '../contract.ts';
import { VolumeBinder } from './volume-binder.ts';

export const persistentVolumeBinderController: ControllerDefinition = {
  name: 'persistentvolume-binder-controller',
  alias: 'persistentvolume-binder',
  serviceAccount: 'persistent-volume-binder',
  eventSource: 'persistentvolume-controller',
  create: (context) => new VolumeBinder(context),
};
