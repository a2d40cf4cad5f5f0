import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/types/core.v1.ts';
import type { StorageClass } from '../../../api/types/storage.v1.ts';
import type { Client } from '../../../client/client.ts';
import type { Informer } from '../../../client/informer.ts';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '../../../client/resources.ts';
import type { SharedInformers } from '../../../client/shared-informers.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { unresolvable, unschedulable, type CycleState, type Plugin, type Rejection } from '../../contract.ts';
import type { NodeInfo } from '../../node-info.ts';
import { canProvision, classOf, isUsableOn, volumeFor } from './match.ts';

/** Where the scheduler tells a provisioner for which node a volume is to be made. */
const selectedNode = 'volume.kubernetes.io/selected-node';
const bindCompleted = 'pv.kubernetes.io/bind-completed';
const nodeConflict = 'node(s) had volume node affinity conflict';
const nothingToBind = "node(s) didn't find available persistent volumes to bind";

export interface VolumeBindingOptions {
  readonly client: Client;
  readonly informers: SharedInformers;
  readonly clock: Clock;
  /** Upstream's default: 10 minutes. */
  readonly bindTimeoutMs?: number;
}

/** A Pod's claims: those with a volume, and those that get one when the Pod's node is known. */
interface Claims {
  readonly bound: readonly PersistentVolume[];
  readonly delayed: readonly PersistentVolumeClaim[];
}

/** What becomes of the delayed claims on one node. */
interface Plan {
  readonly matched: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provisioned: readonly PersistentVolumeClaim[];
}

interface Memory {
  readonly claims: Claims;
  readonly plans: Map<string, Plan>;
}

/** Finds nodes on which a Pod's volumes can be used, and has those that wait for their first consumer bound there. */
export class VolumeBinding implements Plugin {
  readonly name = 'VolumeBinding';
  readonly #options: VolumeBindingOptions;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  /** Volumes that Pods on their way to a node will have: no other Pod may count on them. */
  readonly #promised = new Map<string, string>();

  constructor(options: VolumeBindingOptions) {
    this.#options = options;
    this.#claims = options.informers.of(persistentVolumeClaims);
    this.#volumes = options.informers.of(persistentVolumes);
    this.#classes = options.informers.of(storageClasses);
  }

  mayHelp({ resource, object }: Parameters<NonNullable<Plugin['mayHelp']>>[0], pod: Pod): boolean {
    if (resource === 'PersistentVolumeClaim') {
      return claimNames(pod).some(
        ({ name }) => object.metadata?.name === name && object.metadata.namespace === pod.metadata.namespace,
      );
    }
    return resource === 'PersistentVolume' || resource === 'StorageClass' || resource === 'Node';
  }

  preFilter(state: CycleState, pod: Pod): Rejection | 'skip' | undefined {
    const names = claimNames(pod);
    if (names.length === 0) return 'skip';
    const bound: PersistentVolume[] = [];
    const delayed: PersistentVolumeClaim[] = [];
    let waits = false;
    for (const { name, isEphemeral } of names) {
      const claim = this.#claims.lister.get(`${pod.metadata.namespace ?? ''}/${name}`);
      if (claim === undefined) {
        return unresolvable(
          isEphemeral
            ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
            : `persistentvolumeclaim "${name}" not found`,
        );
      }
      const { volumeName = '' } = claim.spec;
      if (claim.status?.phase === 'Lost') {
        return unresolvable(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volumeName}"`);
      }
      if (claim.metadata.deletionTimestamp !== undefined) {
        return unresolvable(`persistentvolumeclaim "${name}" is being deleted`);
      }
      if (isBound(claim)) {
        const volume = this.#volumes.lister.get(volumeName);
        if (volume === undefined) return unresolvable(`persistentvolume "${volumeName}" not found`);
        bound.push(volume);
      } else if (volumeName === '' && this.#isDelayed(claim)) delayed.push(claim);
      else waits = true;
    }
    if (waits) return unresolvable('pod has unbound immediate PersistentVolumeClaims');
    state.write(this, { claims: { bound, delayed }, plans: new Map() } satisfies Memory);
    return undefined;
  }

  filter(state: CycleState, _pod: Pod, { node, name }: NodeInfo): Rejection | undefined {
    const memory = state.read<Memory>(this);
    if (memory === undefined || node === undefined) return undefined;
    const { bound, delayed } = memory.claims;
    if (!bound.every((volume) => isUsableOn(volume, node))) return unresolvable(nodeConflict);
    if (delayed.length === 0) return undefined;
    const taken = new Set(this.#promised.keys());
    const matched: Plan['matched'][number][] = [];
    const provisioned: PersistentVolumeClaim[] = [];
    for (const claim of delayed) {
      const chosen = claim.metadata.annotations?.[selectedNode];
      if (chosen !== undefined && chosen !== name) return unresolvable(nodeConflict);
      const volume = volumeFor(claim, this.#volumes.lister.values(), node, taken);
      if (volume !== undefined) {
        taken.add(volume.metadata.name ?? '');
        matched.push({ claim, volume });
        continue;
      }
      const storageClass = this.#classes.lister.get(classOf(claim));
      if (storageClass === undefined || !canProvision(storageClass, node)) return unschedulable(nothingToBind);
      provisioned.push(claim);
    }
    memory.plans.set(name, { matched, provisioned });
    return undefined;
  }

  reserve(state: CycleState, pod: Pod, nodeName: string): undefined {
    for (const { volume } of this.#planFor(state, nodeName)?.matched ?? []) {
      this.#promised.set(volume.metadata.name ?? '', pod.metadata.uid ?? '');
    }
  }

  unreserve(_state: CycleState, pod: Pod): void {
    this.#release(pod);
  }

  async preBind(state: CycleState, pod: Pod, nodeName: string, signal: AbortSignal): Promise<Rejection | undefined> {
    const plan = this.#planFor(state, nodeName);
    if (plan === undefined) return undefined;
    const client = this.#options.client.causedBy(pod.metadata.resourceVersion);
    for (const { claim, volume } of plan.matched) {
      const { namespace = '', name = '', uid = '', resourceVersion = '' } = claim.metadata;
      const claimRef = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name,
        uid,
        resourceVersion,
      };
      const annotations = { ...volume.metadata.annotations, 'pv.kubernetes.io/bound-by-controller': 'yes' };
      await client.update(persistentVolumes, {
        ...volume,
        metadata: { ...volume.metadata, annotations },
        spec: { ...volume.spec, claimRef },
      });
    }
    for (const claim of plan.provisioned) {
      const annotations = { ...claim.metadata.annotations, [selectedNode]: nodeName };
      await client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations } });
    }
    const claims = [...plan.matched.map(({ claim }) => claim), ...plan.provisioned];
    await this.#bound(claims, nodeName, signal);
    this.#release(pod);
    return undefined;
  }

  #planFor(state: CycleState, nodeName: string): Plan | undefined {
    return state.read<Memory>(this)?.plans.get(nodeName);
  }

  #release({ metadata }: Pod): void {
    for (const [volume, uid] of this.#promised) if (uid === metadata.uid) this.#promised.delete(volume);
  }

  #isDelayed(claim: PersistentVolumeClaim): boolean {
    return this.#classes.lister.get(classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
  }

  /** Resolves when every claim has its volume. Rejects when one lost its node, or it takes too long. */
  async #bound(claims: readonly PersistentVolumeClaim[], nodeName: string, signal: AbortSignal): Promise<void> {
    const { clock, bindTimeoutMs = 600_000 } = this.#options;
    const settled = Promise.withResolvers<void>();
    const look = (): void => {
      const now = claims.map((claim) => this.#claims.lister.get(keyOfClaim(claim)));
      if (now.some((claim) => claim === undefined))
        settled.reject(new Error('a claim was deleted before it was bound'));
      // A provisioner that cannot serve the node takes the annotation away: another node must be found.
      const isLost = now.some(
        (claim) =>
          claim !== undefined &&
          !isBound(claim) &&
          (claim.metadata.annotations?.[selectedNode] ?? nodeName) !== nodeName,
      );
      if (isLost) settled.reject(new Error(`a claim was given another node than ${nodeName}`));
      if (now.every((claim) => claim !== undefined && isBound(claim))) settled.resolve();
    };
    const leave = this.#claims.addHandlers({ updated: look, deleted: look });
    const timer = clock.setTimeout(
      () => settled.reject(new Error('binding volumes: timed out waiting for the condition')),
      bindTimeoutMs,
    );
    const abort = (): void => settled.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    look();
    try {
      await settled.promise;
    } finally {
      leave();
      timer.cancel();
      signal.removeEventListener('abort', abort);
    }
  }
}

function keyOfClaim({ metadata }: PersistentVolumeClaim): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

function isBound({ spec, metadata }: PersistentVolumeClaim): boolean {
  return (spec.volumeName ?? '') !== '' && metadata.annotations?.[bindCompleted] !== undefined;
}

interface ClaimName {
  readonly name: string;
  readonly isEphemeral: boolean;
}

/** The claims that a Pod names, those of its ephemeral volumes among them. */
function claimNames({ metadata, spec }: Pod): ClaimName[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): ClaimName[] => {
    if (persistentVolumeClaim !== undefined) return [{ name: persistentVolumeClaim.claimName, isEphemeral: false }];
    return ephemeral === undefined ? [] : [{ name: `${metadata.name ?? ''}-${name}`, isEphemeral: true }];
  });
}
