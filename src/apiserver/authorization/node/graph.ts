/** Which objects a node has to do with: those that the Pods on it name, and what those lead to. */
import type { PersistentVolume, Pod } from '../../../api/types/core.v1.ts';
import { mirrorPodAnnotation, podReferences } from './pod-references.ts';
import { volumeSecrets } from './volume-secrets.ts';

/** What a node can be related to. */
export type VertexKind =
  | 'pod'
  | 'secret'
  | 'configmap'
  | 'persistentvolumeclaim'
  | 'persistentvolume'
  | 'resourceclaim'
  | 'serviceaccount'
  | 'volumeattachment'
  | 'resourceslice';

function keyOf(kind: VertexKind, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

/** What one Pod, attachment or slice brings into the graph: the node, and the keys of what it leads to. */
interface Contribution {
  readonly node: string;
  readonly keys: readonly string[];
}

/** What one volume does: its claim leads to it, and it leads to its secrets. */
interface VolumeLink {
  readonly claim: string;
  readonly secrets: readonly string[];
}

/**
 * Paths from objects to nodes, kept as counts: how often does a node's Pods name an object. Volumes hang on their claims,
 * whose Pods may come before or after them.
 */
export class NodeGraph {
  readonly #nodesByObject = new Map<string, Map<string, number>>();
  readonly #contributions = new Map<string, Contribution>();
  readonly #volumes = new Map<string, VolumeLink>();
  readonly #volumesBySecret = new Map<string, Set<string>>();

  /** A Pod as it is now; one that is on no node yet leads nowhere. */
  setPod(namespace: string, name: string, pod: Pod | undefined): void {
    const own = keyOf('pod', namespace, name);
    const node = pod?.spec?.nodeName ?? '';
    if (pod === undefined || node === '') return this.#contribute(own, undefined);
    const keys = [own];
    if (pod.metadata?.annotations?.[mirrorPodAnnotation] === undefined) {
      const { secrets, configMaps, claims, resourceClaims, serviceAccount } = podReferences(pod);
      for (const secret of secrets) keys.push(keyOf('secret', namespace, secret));
      for (const configMap of configMaps) keys.push(keyOf('configmap', namespace, configMap));
      for (const claim of claims) keys.push(keyOf('persistentvolumeclaim', namespace, claim));
      for (const claim of resourceClaims) keys.push(keyOf('resourceclaim', namespace, claim));
      if (serviceAccount !== undefined) keys.push(keyOf('serviceaccount', namespace, serviceAccount));
    }
    this.#contribute(own, { node, keys });
  }

  /** An object of a node alone. @param node '' or undefined: of none. */
  setOwned(kind: 'volumeattachment' | 'resourceslice', name: string, node: string | undefined): void {
    const own = keyOf(kind, '', name);
    this.#contribute(own, node === undefined || node === '' ? undefined : { node, keys: [own] });
  }

  setVolume(name: string, volume: PersistentVolume | undefined): void {
    const key = keyOf('persistentvolume', '', name);
    for (const secret of this.#volumes.get(key)?.secrets ?? []) {
      const volumes = this.#volumesBySecret.get(secret);
      volumes?.delete(key);
      if (volumes?.size === 0) this.#volumesBySecret.delete(secret);
    }
    this.#volumes.delete(key);
    const claim = volume?.spec?.claimRef;
    if (volume === undefined || claim === undefined || claim === null) return;
    const secrets = [...volumeSecrets(volume)].map((place) => `secret ${place}`);
    this.#volumes.set(key, {
      claim: keyOf('persistentvolumeclaim', claim.namespace ?? '', claim.name ?? ''),
      secrets,
    });
    for (const secret of secrets) {
      const volumes = this.#volumesBySecret.get(secret);
      if (volumes === undefined) this.#volumesBySecret.set(secret, new Set([key]));
      else volumes.add(key);
    }
  }

  /** Whether an object leads to a node. */
  isRelated(node: string, kind: VertexKind, namespace: string, name: string): boolean {
    const key = keyOf(kind, namespace, name);
    if (kind === 'persistentvolume') return this.#volumeLeadsTo(node, key);
    if (this.#nodesByObject.get(key)?.has(node) === true) return true;
    if (kind !== 'secret') return false;
    for (const volume of this.#volumesBySecret.get(key) ?? []) if (this.#volumeLeadsTo(node, volume)) return true;
    return false;
  }

  #volumeLeadsTo(node: string, volume: string): boolean {
    const link = this.#volumes.get(volume);
    return link !== undefined && this.#nodesByObject.get(link.claim)?.has(node) === true;
  }

  #contribute(own: string, next: Contribution | undefined): void {
    const before = this.#contributions.get(own);
    if (next !== undefined) {
      this.#contributions.set(own, next);
      for (const key of next.keys) this.#count(key, next.node, 1);
    } else this.#contributions.delete(own);
    for (const key of before?.keys ?? []) this.#count(key, before?.node ?? '', -1);
  }

  #count(key: string, node: string, by: 1 | -1): void {
    let nodes = this.#nodesByObject.get(key);
    if (nodes === undefined) this.#nodesByObject.set(key, (nodes = new Map()));
    const count = (nodes.get(node) ?? 0) + by;
    if (count > 0) nodes.set(node, count);
    else nodes.delete(node);
    if (nodes.size === 0) this.#nodesByObject.delete(key);
  }
}
