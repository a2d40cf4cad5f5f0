import type { KubernetesObject } from '../api/contract.ts';
import type { Client } from '../client/client.ts';
import { orphanIndex, ownerIndex, type Lister } from '../client/indexer.ts';
import type { Resource } from '../client/resource.ts';
import { hasReason } from '../client/retry-on-conflict.ts';
import { StatusError } from '../machinery/status.ts';
import { controllerOf, controllerReferenceTo } from './owner.ts';

export interface ClaimOptions<Owner extends KubernetesObject, Owned extends KubernetesObject> {
  readonly client: Client;
  readonly owners: Resource<Owner>;
  readonly owner: Owner;
  readonly owned: Resource<Owned>;
  /** Whether the owner's selector matches the object's labels, and what else it asks of an object it adopts. */
  matches(object: Owned): boolean;
  /** Put on what is adopted. */
  readonly finalizers?: readonly string[];
}

/** What an owner may claim: what it controls, and what nobody does in its namespace. */
export function candidatesFor<Owned extends KubernetesObject>(
  lister: Lister<Owned>,
  { metadata = {} }: KubernetesObject,
): Owned[] {
  const { namespace = '', uid = '' } = metadata;
  return [...lister.byIndex(ownerIndex, uid), ...lister.byIndex(orphanIndex, namespace)];
}

/**
 * The objects among `candidates` that belong to the owner (upstream's ControllerRefManager): what is its own and still
 * matches stays, what does not match is released, orphans that match are adopted. Adoption asks the server first
 * whether the owner is what we believe: an old copy must not take what belongs to nobody.
 */
export async function claim<Owner extends KubernetesObject, Owned extends KubernetesObject>(
  candidates: Iterable<Owned>,
  options: ClaimOptions<Owner, Owned>,
): Promise<Owned[]> {
  const claimed: Owned[] = [];
  const errors: unknown[] = [];
  let canAdopt: Promise<void> | undefined;
  for (const object of candidates) {
    try {
      const isClaimed = await claimOne(object, options, () => (canAdopt ??= checkOwner(options)));
      if (isClaimed) claimed.push(object);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join(', '));
  return claimed;
}

async function claimOne<Owner extends KubernetesObject, Owned extends KubernetesObject>(
  object: Owned,
  options: ClaimOptions<Owner, Owned>,
  canAdopt: () => Promise<void>,
): Promise<boolean> {
  const { owner, matches } = options;
  const reference = controllerOf(object);
  const isLeaving = owner.metadata?.deletionTimestamp !== undefined;
  if (reference !== undefined) {
    if (reference.uid !== owner.metadata?.uid) return false;
    if (matches(object)) return true;
    if (!isLeaving) await release(object, options);
    return false;
  }
  if (isLeaving || !matches(object) || object.metadata?.deletionTimestamp !== undefined) return false;
  await canAdopt();
  return adopt(object, options);
}

async function checkOwner<Owner extends KubernetesObject, Owned extends KubernetesObject>({
  client,
  owners,
  owner: { metadata = {} },
}: ClaimOptions<Owner, Owned>): Promise<void> {
  const { namespace, name = '', uid = '' } = metadata;
  const fresh = await client.get(owners, namespace, name);
  if (fresh.metadata?.uid !== uid) {
    const is = `original ${owners.kind} ${namespace ?? ''}/${name} is gone: got uid ${fresh.metadata?.uid ?? ''}, wanted ${uid}`;
    throw new Error(is);
  }
  const { deletionTimestamp } = fresh.metadata;
  if (deletionTimestamp !== undefined) {
    throw new Error(`${namespace ?? ''}/${name} has just been deleted at ${deletionTimestamp}`);
  }
}

/** False when the object was gone already. */
async function adopt<Owner extends KubernetesObject, Owned extends KubernetesObject>(
  object: Owned,
  { client, owners, owner, owned, finalizers = [] }: ClaimOptions<Owner, Owned>,
): Promise<boolean> {
  const { namespace, name = '', uid } = object.metadata ?? {};
  const metadata = {
    ownerReferences: [controllerReferenceTo(owners, owner)],
    uid,
    ...(finalizers.length === 0 ? {} : { finalizers }),
  };
  try {
    await client.patch(owned, namespace, name, 'strategic', { metadata });
    return true;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return false;
    throw error;
  }
}

async function release<Owner extends KubernetesObject, Owned extends KubernetesObject>(
  object: Owned,
  { client, owner, owned, finalizers = [] }: ClaimOptions<Owner, Owned>,
): Promise<void> {
  const { namespace, name = '', uid } = object.metadata ?? {};
  const metadata = {
    uid,
    ownerReferences: [{ $patch: 'delete', uid: owner.metadata?.uid }],
    ...(finalizers.length === 0 ? {} : { '$deleteFromPrimitiveList/finalizers': finalizers }),
  };
  try {
    await client.patch(owned, namespace, name, 'strategic', { metadata });
  } catch (error) {
    // Gone, or no longer the object that we know, or without the reference: nothing is left to release.
    if (hasReason(error, 'NotFound') || (error instanceof StatusError && error.reason === 'Invalid')) return;
    throw error;
  }
}
