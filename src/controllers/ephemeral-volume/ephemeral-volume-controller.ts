import type { PersistentVolumeClaim, Pod, Volume } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { persistentVolumeClaims, pods } from '../../client/resources.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { controllerReferenceTo } from '../owner.ts';
import { isNamespaceTerminating } from '../pods/pod-control.ts';
import { claimKeysOf, ephemeralClaimName, isMadeFor, podClaimIndex } from '../volumes/pod-claims.ts';

/** Makes the claims of Pods' ephemeral volumes, which go with their Pods (KEP-1698). */
export class EphemeralVolumeController implements Controller {
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #loop: ReconcileLoop;

  constructor(context: ControllerContext) {
    this.#loop = new ReconcileLoop({
      ...context.queueOptions('ephemeral_volume'),
      workers: context.options.concurrentSyncs.ephemeralVolume,
      reconcile: (key, cause) => this.#reconcile(key, context.client.causedBy(cause)),
    });
    this.#pods = context.informers.of(pods);
    this.#pods.addIndex(podClaimIndex, claimKeysOf);
    this.#claims = context.informers.of(persistentVolumeClaims);
    const enqueue = (pod: Pod): void => {
      if (pod.metadata.deletionTimestamp !== undefined || !pod.spec.volumes?.some(({ ephemeral }) => ephemeral)) return;
      this.#loop.enqueue(keyOf(pod), pod.metadata.resourceVersion);
    };
    // A Pod's volumes never change.
    this.#pods.addHandlers({ added: enqueue });
    this.#claims.addHandlers({
      deleted: (claim) => {
        for (const pod of this.#pods.lister.byIndex(podClaimIndex, keyOf(claim))) enqueue(pod);
      },
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#pods.synced, this.#claims.synced]);
    await this.#loop.run(signal);
  }

  async #reconcile(key: string, client: Client): Promise<void> {
    const pod = this.#pods.lister.get(key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.ephemeral) await this.#makeClaim(pod, volume, client);
    }
  }

  async #makeClaim(pod: Pod, volume: Volume, client: Client): Promise<void> {
    const { namespace = '', name: podName = '' } = pod.metadata;
    const name = ephemeralClaimName(pod, volume);
    const template = volume.ephemeral?.volumeClaimTemplate;
    const found = this.#claims.lister.get(`${namespace}/${name}`);
    if (found !== undefined) {
      if (isMadeFor(found, pod)) return;
      throw new Error(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`);
    }
    if (template === undefined) return;
    const { labels, annotations } = template.metadata ?? {};
    try {
      await client.create(persistentVolumeClaims, {
        metadata: {
          name,
          namespace,
          ownerReferences: [controllerReferenceTo(pods, pod)],
          ...(labels === undefined ? {} : { labels }),
          ...(annotations === undefined ? {} : { annotations }),
        },
        spec: template.spec,
      });
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }
}
