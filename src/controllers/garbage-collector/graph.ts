import type { KubernetesObject } from '../../api/contract.ts';
import type { OwnerReference } from '../../api/types/meta.v1.ts';
import type { Resource } from '../../client/resource.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** Where an object is. The resource is undefined while nobody serves its kind. */
export interface Identity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly apiVersion: string;
  readonly kind: string;
}

/** An object in the graph of owners; one that is only known from what refers to it is virtual. */
export interface GraphNode {
  identity: Identity;
  resource: Resource | undefined;
  owners: readonly OwnerReference[];
  readonly dependents: Set<GraphNode>;
  isVirtual: boolean;
  isBeingDeleted: boolean;
  /** It waits for its dependents to go: foreground deletion. */
  isDeletingDependents: boolean;
}

/** What a change of the graph asks to be looked at. */
export interface GraphListener {
  mayGo(node: GraphNode): void;
  mayOrphan(node: GraphNode): void;
}

function hasFinalizer({ metadata }: KubernetesObject, finalizer: string): boolean {
  return metadata?.finalizers?.includes(finalizer) ?? false;
}

function isSameOwners(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  return a.length === b.length && a.every(({ uid }, i) => uid === b[i]?.uid);
}

function isBlocking({ blockOwnerDeletion }: OwnerReference): boolean {
  return blockOwnerDeletion === true;
}

/** Who owns whom, over all resources, by uid (upstream's GraphBuilder). */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #listener: GraphListener;

  constructor(listener: GraphListener) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** An object was seen, new or changed. */
  set(resource: Resource, object: KubernetesObject): void {
    const { uid = '', namespace = '', name = '', deletionTimestamp, ownerReferences = [] } = object.metadata ?? {};
    const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
    const identity: Identity = { uid, namespace, name, apiVersion, kind: resource.kind };
    const node = this.#nodes.get(uid) ?? this.#add(identity, resource);
    node.identity = identity;
    node.resource = resource;
    node.isVirtual = false;
    if (!isSameOwners(node.owners, ownerReferences)) this.#relink(node, ownerReferences);
    const blockedBefore = node.owners.filter(isBlocking);
    node.owners = ownerReferences;
    for (const { uid: owner } of blockedBefore) {
      // It may have been the last that held its owner.
      const isFreed = ownerReferences.every((one) => one.uid !== owner || !isBlocking(one));
      const above = this.#nodes.get(owner);
      if (isFreed && above?.isDeletingDependents === true) this.#listener.mayGo(above);
    }
    const wasWaiting = node.isDeletingDependents;
    node.isBeingDeleted = deletionTimestamp !== undefined;
    if (!node.isBeingDeleted) return;
    if (hasFinalizer(object, orphanFinalizer)) this.#listener.mayOrphan(node);
    if (!hasFinalizer(object, foregroundFinalizer)) return;
    node.isDeletingDependents = true;
    if (wasWaiting) return;
    for (const dependent of node.dependents) this.#listener.mayGo(dependent);
    this.#listener.mayGo(node);
  }

  /** An object is gone. */
  delete(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#nodes.delete(uid);
    for (const { uid: owner } of node.owners) {
      const above = this.#nodes.get(owner);
      above?.dependents.delete(node);
      // It may have been the last that its owner waited for.
      if (above?.isDeletingDependents === true) this.#listener.mayGo(above);
      if (above?.isVirtual === true && above.dependents.size === 0) this.#nodes.delete(owner);
    }
    for (const dependent of node.dependents) this.#listener.mayGo(dependent);
  }

  #add(identity: Identity, resource: Resource | undefined): GraphNode {
    const node: GraphNode = {
      identity,
      resource,
      owners: [],
      dependents: new Set(),
      isVirtual: resource === undefined,
      isBeingDeleted: false,
      isDeletingDependents: false,
    };
    this.#nodes.set(identity.uid, node);
    return node;
  }

  #relink(node: GraphNode, owners: readonly OwnerReference[]): void {
    const now = new Set(owners.map(({ uid }) => uid));
    const before = new Set(node.owners.map(({ uid }) => uid));
    for (const uid of before) {
      if (now.has(uid)) continue;
      const owner = this.#nodes.get(uid);
      owner?.dependents.delete(node);
      if (owner?.isDeletingDependents === true) this.#listener.mayGo(owner);
      if (owner?.isVirtual === true && owner.dependents.size === 0) this.#nodes.delete(uid);
    }
    for (const { uid, apiVersion, kind, name } of owners) {
      if (before.has(uid)) continue;
      const known = this.#nodes.get(uid);
      const owner = known ?? this.#add({ uid, apiVersion, kind, name, namespace: node.identity.namespace }, undefined);
      owner.dependents.add(node);
      // One that nobody has seen may be gone, or never have been: then this object is garbage.
      if (known === undefined) this.#listener.mayGo(owner);
      else if (owner.isVirtual || !isAt(owner, apiVersion, kind, name, node)) this.#listener.mayGo(node);
      else if (owner.isDeletingDependents) this.#listener.mayGo(node);
    }
  }
}

/** Whether a reference's coordinates are those of the object with its uid. */
function isAt({ identity }: GraphNode, apiVersion: string, kind: string, name: string, from: GraphNode): boolean {
  const group = (text: string): string => text.slice(0, Math.max(0, text.indexOf('/')));
  const isSameNamespace = identity.namespace === '' || identity.namespace === from.identity.namespace;
  return (
    identity.kind === kind &&
    identity.name === name &&
    group(identity.apiVersion) === group(apiVersion) &&
    isSameNamespace
  );
}

/** Whether an owner that a reference names is there, as far as the graph knows for certain. */
export function isKnownOwner(
  graph: OwnerGraph,
  dependent: GraphNode,
  { uid, apiVersion, kind, name }: OwnerReference,
): boolean {
  const owner = graph.get(uid);
  return owner !== undefined && !owner.isVirtual && isAt(owner, apiVersion, kind, name, dependent);
}
