import { storageClassNameOf } from '../../api/core/storage-class-name.ts';
import { bestVolumeFor, isPromisedTo, mismatchOf } from '../../api/core/volume-match.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.v1.ts';
import type { StorageClass } from '../../api/types/storage.v1.ts';
import type { Client } from '../../client/client.ts';
import type { EventType } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import { ReconcileLoop } from '../../client/reconcile-loop.ts';
import { keyOf } from '../../client/resource.ts';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import type { Controller, ControllerContext } from '../contract.ts';
import { bindCompleted, hasAnnotation, provisionedBy, selectedNode } from './annotations.ts';
import { bind, setClaimStatus, setVolumePhase, unbind } from './binding.ts';
import { defaultClass, provisioning } from './provisioning.ts';

const volumeNameIndex = 'spec.volumeName';

/** Brings claims and volumes together, and does with volumes whose claims are gone what their policy says. */
export class VolumeBinder implements Controller {
  readonly #context: ControllerContext;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  readonly #claimLoop: ReconcileLoop;
  readonly #volumeLoop: ReconcileLoop;
  /** What was told of a claim last, by its uid: it is told once. */
  readonly #told = new Map<string, string>();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, client } = context;
    const isNoteworthy = (error: unknown): boolean => !hasReason(error, 'Conflict');
    // One at a time, so that a volume is not promised to two.
    const one = { workers: 1, isNoteworthy };
    this.#claimLoop = new ReconcileLoop({
      ...context.queueOptions('claims'),
      ...one,
      reconcile: (key, cause) => ignoringGone(() => this.#reconcileClaim(key, client.causedBy(cause))),
    });
    this.#volumeLoop = new ReconcileLoop({
      ...context.queueOptions('volumes'),
      ...one,
      reconcile: (name, cause) => ignoringGone(() => this.#reconcileVolume(name, client.causedBy(cause))),
    });
    this.#claims = informers.of(persistentVolumeClaims);
    this.#claims.addIndex(volumeNameIndex, ({ spec: { volumeName = '' } }) => (volumeName === '' ? [] : [volumeName]));
    this.#volumes = informers.of(persistentVolumes);
    this.#classes = informers.of(storageClasses);
    const claimChanged = (claim: PersistentVolumeClaim): void => {
      const { resourceVersion } = claim.metadata;
      this.#claimLoop.enqueue(keyOf(claim), resourceVersion);
      if (claim.spec.volumeName) this.#volumeLoop.enqueue(claim.spec.volumeName, resourceVersion);
    };
    this.#claims.addHandlers({
      added: claimChanged,
      updated: claimChanged,
      deleted: (claim) => {
        this.#told.delete(claim.metadata.uid ?? '');
        claimChanged(claim);
      },
    });
    const volumeChanged = (volume: PersistentVolume): void => {
      const { name = '', resourceVersion } = volume.metadata;
      this.#volumeLoop.enqueue(name, resourceVersion);
      const { claimRef } = volume.spec;
      for (const claim of this.#claims.lister.byIndex(volumeNameIndex, name)) {
        this.#claimLoop.enqueue(keyOf(claim), resourceVersion);
      }
      if (claimRef) this.#claimLoop.enqueue(`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`, resourceVersion);
      else this.#enqueueUnbound(resourceVersion);
    };
    this.#volumes.addHandlers({ added: volumeChanged, updated: volumeChanged, deleted: volumeChanged });
    const classChanged = ({ metadata }: StorageClass): void => this.#enqueueUnbound(metadata.resourceVersion);
    this.#classes.addHandlers({ added: classChanged, updated: classChanged });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#claims.synced, this.#volumes.synced, this.#classes.synced]);
    await Promise.all([this.#claimLoop.run(signal), this.#volumeLoop.run(signal)]);
  }

  #enqueueUnbound(cause: string | undefined): void {
    for (const claim of this.#claims.lister.values()) {
      if (!hasAnnotation(claim, bindCompleted)) this.#claimLoop.enqueue(keyOf(claim), cause);
    }
  }

  async #reconcileClaim(key: string, client: Client): Promise<void> {
    const claim = this.#claims.lister.get(key);
    if (claim === undefined) return;
    if (hasAnnotation(claim, bindCompleted)) await this.#syncBound(claim, client);
    else if ((claim.spec.volumeName ?? '') === '') await this.#syncUnbound(claim, client);
    else await this.#syncChosen(claim, claim.spec.volumeName ?? '', client);
  }

  /** Nobody chose a volume yet. */
  async #syncUnbound(claim: PersistentVolumeClaim, client: Client): Promise<void> {
    const className = storageClassNameOf(claim);
    if (claim.metadata.deletionTimestamp !== undefined) return;
    const storageClass = this.#classes.lister.get(className ?? '');
    const isDelayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    // The scheduler binds what waits for its first consumer; only a volume that names the claim is its own already.
    const volume = bestVolumeFor(
      claim,
      this.#volumes.lister.values(),
      ({ spec }) => !isDelayed || spec.claimRef !== undefined,
    );
    if (volume !== undefined) {
      await bind(client, volume, claim);
      return;
    }
    const chosen = className === undefined ? defaultClass(this.#classes.lister.values()) : undefined;
    if (chosen !== undefined) {
      // There was no default when it was made, and now there is (KEP-3333).
      const spec = { ...claim.spec, storageClassName: chosen.metadata.name ?? '' };
      await client.update(persistentVolumeClaims, { ...claim, spec });
      return;
    }
    const step = provisioning(claim, className ?? '', storageClass, {
      isDelayed: isDelayed && !hasAnnotation(claim, selectedNode),
      isEnabled: this.#context.options.enableDynamicProvisioning,
    });
    if (step.event !== undefined) this.#tell(claim, ...step.event);
    if (step.annotations !== undefined) {
      const annotations = { ...claim.metadata.annotations, ...step.annotations };
      await client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations } });
    } else await setPending(client, claim);
  }

  /** A user chose the volume, or a binding was interrupted. */
  async #syncChosen(claim: PersistentVolumeClaim, volumeName: string, client: Client): Promise<void> {
    const volume = this.#volumes.lister.get(volumeName);
    if (volume === undefined) {
      await setPending(client, claim);
      return;
    }
    if (volume.spec.claimRef === undefined) {
      const mismatch = mismatchOf(volume, claim);
      if (mismatch === undefined) {
        await bind(client, volume, claim);
        return;
      }
      const message = `Cannot bind to requested volume "${volumeName}": ${mismatch}`;
      this.#tell(claim, 'Warning', 'VolumeMismatch', message);
    } else if (isPromisedTo(volume, claim)) {
      await bind(client, volume, claim);
      return;
    } else {
      this.#tell(claim, 'Warning', 'FailedBinding', `volume "${volumeName}" already bound to a different claim.`);
    }
    await setPending(client, claim);
  }

  /** It had a volume: it has it still, or has lost it. */
  async #syncBound(claim: PersistentVolumeClaim, client: Client): Promise<void> {
    const { volumeName = '' } = claim.spec;
    const volume = this.#volumes.lister.get(volumeName);
    const { claimRef } = volume?.spec ?? {};
    if (volume !== undefined && (claimRef === undefined || claimRef.uid === claim.metadata.uid)) {
      await bind(client, volume, claim);
      return;
    }
    if (claim.status?.phase === 'Lost') return;
    if (volumeName === '') {
      const message = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!';
      this.#tell(claim, 'Warning', 'ClaimLost', message);
    } else if (volume === undefined) {
      const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
      this.#tell(claim, 'Warning', 'ClaimLost', message);
    } else {
      const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
      this.#tell(claim, 'Warning', 'ClaimMisbound', message);
    }
    const { accessModes: _modes, capacity: _capacity, ...kept } = claim.status ?? {};
    await setClaimStatus(client, claim, { ...kept, phase: 'Lost' });
  }

  async #reconcileVolume(name: string, client: Client): Promise<void> {
    const volume = this.#volumes.lister.get(name);
    if (volume === undefined) return;
    const { claimRef } = volume.spec;
    if (claimRef === undefined || (claimRef.uid ?? '') === '') {
      await setVolumePhase(client, volume, 'Available');
      return;
    }
    const claim = await this.#claimOf(claimRef, client);
    if (claim === undefined) await this.#release(volume, client);
    else if ((claim.spec.volumeName ?? '') === '') {
      // Half of a binding, which the claim completes.
      this.#claimLoop.enqueue(keyOf(claim), volume.metadata.resourceVersion);
    } else if (claim.spec.volumeName === name) await setVolumePhase(client, volume, 'Bound');
    else if (isDisposable(volume)) await this.#release(volume, client);
    else await unbind(client, volume);
  }

  /** The server is asked before a volume is given up: a claim that is new may not have been seen. */
  async #claimOf(
    reference: NonNullable<PersistentVolume['spec']['claimRef']>,
    client: Client,
  ): Promise<PersistentVolumeClaim | undefined> {
    const { namespace = '', name = '', uid } = reference;
    const known = this.#claims.lister.get(`${namespace}/${name}`);
    if (known?.metadata.uid === uid) return known;
    try {
      const live = await client.get(persistentVolumeClaims, namespace, name);
      return live.metadata.uid === uid ? live : undefined;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** What its policy says; what somebody made is his to delete. */
  async #release(volume: PersistentVolume, client: Client): Promise<void> {
    if (volume.status?.phase === 'Failed') return;
    const released = await setVolumePhase(client, volume, 'Released');
    const { persistentVolumeReclaimPolicy: policy = 'Retain' } = volume.spec;
    if (policy === 'Retain' || hasAnnotation(volume, provisionedBy) || volume.spec.csi) return;
    const { name = '' } = volume.metadata;
    const [reason, message] =
      policy === 'Delete'
        ? ['VolumeFailedDelete', `error getting deleter volume plugin for volume "${name}": no volume plugin matched`]
        : ['VolumeFailedRecycle', 'No recycler plugin found for the volume!'];
    await setVolumePhase(client, released, 'Failed', message);
    this.#context.recorder.event(persistentVolumes, volume, 'Warning', reason, message);
  }

  #tell(claim: PersistentVolumeClaim, type: EventType, reason: string, message: string): void {
    const { uid = '' } = claim.metadata;
    if (this.#told.get(uid) === message) return;
    this.#told.set(uid, message);
    this.#context.recorder.event(persistentVolumeClaims, claim, type, reason, message);
  }
}

function isDisposable(volume: PersistentVolume): boolean {
  return hasAnnotation(volume, provisionedBy) && volume.spec.persistentVolumeReclaimPolicy === 'Delete';
}

function setPending(client: Client, claim: PersistentVolumeClaim): Promise<void> {
  return setClaimStatus(client, claim, { ...claim.status, phase: 'Pending' });
}

async function ignoringGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
