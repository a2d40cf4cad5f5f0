import type { PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import type { EventType } from '../../client/event-recorder.ts';
import { provisionerAnnotations } from './annotations.ts';

/** What comes next for a claim that no volume suits. */
export interface ProvisioningStep {
  readonly event?: readonly [type: EventType, reason: string, message: string];
  /** To be put on the claim, by which its provisioner knows it. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Asks the provisioner of the claim's class for a volume (https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/).
 * All provisioners are programs of their own: there are none within the control plane any more.
 */
export function provisioning(
  { metadata }: PersistentVolumeClaim,
  className: string,
  storageClass: StorageClass | undefined,
  { isDelayed, isEnabled }: { readonly isDelayed: boolean; readonly isEnabled: boolean },
): ProvisioningStep {
  if (isDelayed) {
    const message = 'waiting for first consumer to be created before binding';
    return { event: ['Normal', 'WaitForFirstConsumer', message] };
  }
  if (className === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return { event: ['Normal', 'FailedBinding', message] };
  }
  if (!isEnabled) return {};
  if (storageClass === undefined) {
    return { event: ['Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`] };
  }
  const { provisioner } = storageClass;
  if (provisioner.startsWith('kubernetes.io/')) {
    return { event: ['Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`] };
  }
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system ` +
    'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
  const isAsked = provisionerAnnotations.every((name) => metadata.annotations?.[name] === provisioner);
  const annotations = Object.fromEntries(provisionerAnnotations.map((name) => [name, provisioner]));
  return { event: ['Normal', 'ExternalProvisioning', message], ...(isAsked ? {} : { annotations }) };
}

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** The class of claims that name none: of several the newest, of these the first by name. */
export function defaultClass(classes: Iterable<StorageClass>): StorageClass | undefined {
  let best: StorageClass | undefined;
  for (const one of classes) {
    if (!defaultAnnotations.some((name) => one.metadata.annotations?.[name] === 'true')) continue;
    if (best === undefined || isNewer(one, best)) best = one;
  }
  return best;
}

function isNewer({ metadata: a }: StorageClass, { metadata: b }: StorageClass): boolean {
  const [madeA, madeB] = [Date.parse(a.creationTimestamp ?? ''), Date.parse(b.creationTimestamp ?? '')];
  return madeA === madeB ? (a.name ?? '') < (b.name ?? '') : madeA > madeB;
}
