import { persistentVolumes } from '../../client/resources.ts';
import type { ControllerDefinition } from '../contract.ts';
import { attributesClassProtection } from './attributes-class-protection.ts';
import { claimProtection } from './claim-protection.ts';
import { ProtectionController } from './protection-controller.ts';

export const claimProtectionController: ControllerDefinition = {
  name: 'persistentvolumeclaim-protection-controller',
  alias: 'pvc-protection',
  serviceAccount: 'pvc-protection-controller',
  create: claimProtection,
};

/** Volumes stay as long as they are bound. */
export const volumeProtectionController: ControllerDefinition = {
  name: 'persistentvolume-protection-controller',
  alias: 'pv-protection',
  serviceAccount: 'pv-protection-controller',
  create: (context) =>
    new ProtectionController(context, {
      queue: 'pvprotection',
      resource: persistentVolumes,
      finalizer: 'kubernetes.io/pv-protection',
      isUsed: ({ status }) => status?.phase === 'Bound',
      synced: Promise.resolve(),
    }),
};

export const attributesClassProtectionController: ControllerDefinition = {
  name: 'volumeattributesclass-protection-controller',
  serviceAccount: 'volumeattributesclass-protection-controller',
  create: attributesClassProtection,
};
