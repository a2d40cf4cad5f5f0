import type { PersistentVolumeClaim, Pod } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/resource.ts';
import { persistentVolumeClaims, pods } from '../../client/resources.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { isPodFinished } from '../pods/pod-state.ts';
import { claimKeysOf, claimNameOf, isMadeFor, podClaimIndex } from '../volumes/pod-claims.ts';
import { ProtectionController } from './protection-controller.ts';

/** Claims stay as long as a Pod on some node names them. */
export function claimProtection(context: ControllerContext): Controller {
  const informer = context.informers.of(pods);
  informer.addIndex(podClaimIndex, claimKeysOf);
  const controller = new ProtectionController(context, {
    queue: 'pvcprotection',
    resource: persistentVolumeClaims,
    finalizer: 'kubernetes.io/pvc-protection',
    isUsed: (claim, client) => isUsed(claim, informer, client),
    synced: informer.synced,
  });
  const released = (pod: Pod): void => {
    for (const key of claimKeysOf(pod)) controller.enqueue(key, pod.metadata.resourceVersion);
  };
  const mayRelease = (pod: Pod): void => {
    if (isPodFinished(pod) || pod.metadata.deletionTimestamp !== undefined || !pod.spec.nodeName) released(pod);
  };
  informer.addHandlers({
    added: mayRelease,
    updated: (pod, old) => {
      mayRelease(pod);
      if (pod.metadata.uid !== old.metadata.uid) released(old);
    },
    deleted: released,
  });
  return controller;
}

async function isUsed(claim: PersistentVolumeClaim, informer: Informer<Pod>, client: Client): Promise<boolean> {
  if (informer.lister.byIndex(podClaimIndex, keyOf(claim)).some((pod) => uses(pod, claim))) return true;
  // A Pod that was assigned just now may not have been seen: what is lost with a claim is lost for good.
  const { items } = await client.list(pods, claim.metadata.namespace);
  return items.some((pod) => uses(pod, claim));
}

/** No kubelet starts a Pod whose claim is being deleted: only those that are on a node count. */
function uses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  // The kubelet is done with it, or it was forced: what waits for the Pod may be what the Pod waits for.
  const isShutDown = deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0;
  return (pod.spec.volumes ?? []).some((volume) => {
    if (claimNameOf(pod, volume) !== claim.metadata.name) return false;
    return volume.ephemeral ? !isShutDown && isMadeFor(claim, pod) : true;
  });
}
