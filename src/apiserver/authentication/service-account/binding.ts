import type { KubernetesObject } from '../../../api/contract.ts';
import type { BoundObjectReference } from '../../../api/types/authentication.v1.ts';
import type { Pod } from '../../../api/types/core.v1.ts';
import { quote } from '../../../machinery/quote.ts';
import { badRequest, conflict, notFound } from '../../../machinery/status.ts';
import type { BoundKind, BoundObjects } from './bound-objects.ts';

/** How a token names an object; without a uid where the object is not there. */
export interface BindingClaim {
  readonly name: string;
  readonly uid?: string;
}

/** What a token is bound to; and of a Pod, on which node it is. */
export interface Binding {
  readonly pod?: BindingClaim;
  readonly secret?: BindingClaim;
  readonly node?: BindingClaim;
}

/** Finds what a token is to be bound to. Rejects with 400, 404, or 409 when it is not the object that was meant. */
export async function bindingOf(
  objects: BoundObjects,
  reference: BoundObjectReference,
  namespace: string,
  accountName: string,
): Promise<Binding> {
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
  const find = async <K extends BoundKind>(plural: K, within: string): Promise<KubernetesObject> => {
    await objects.prepare([plural]);
    const found = objects.read(plural, within, name)?.object;
    if (found === undefined) throw notFound({ group: '', resource: plural }, name);
    return found;
  };
  const checked = (object: KubernetesObject): BindingClaim => {
    const claim = claimOf(object);
    if (uid === '' || uid === claim.uid) return claim;
    throw conflict(
      { group: '', resource: kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. ` +
        'The object might have been deleted and then recreated',
    );
  };
  // A version that is none of ours names the same kinds, as upstream has it.
  const isCore = !apiVersion.includes('/');
  switch (isCore ? kind : '') {
    case 'Pod': {
      const pod = (await find('pods', namespace)) as Pod;
      if (pod.spec?.serviceAccountName !== accountName) {
        throw badRequest(
          `cannot bind token for serviceaccount ${quote(accountName)} to pod running with different serviceaccount name.`,
        );
      }
      const node = await nodeOf(objects, pod.spec.nodeName ?? '');
      return { pod: checked(pod), ...(node === undefined ? {} : { node }) };
    }
    case 'Node':
      return { node: checked(await find('nodes', '')) };
    case 'Secret':
      return { secret: checked(await find('secrets', namespace)) };
    default:
      throw badRequest(`cannot bind token to object of type ${typeText(apiVersion, kind)}`);
  }
}

async function nodeOf(objects: BoundObjects, name: string): Promise<BindingClaim | undefined> {
  if (name === '') return undefined;
  await objects.prepare(['nodes']);
  const node = objects.read('nodes', '', name)?.object;
  return node === undefined ? { name } : claimOf(node);
}

function claimOf({ metadata }: KubernetesObject): BindingClaim {
  return { name: metadata?.name ?? '', uid: metadata?.uid ?? '' };
}

/** As Go prints a `GroupVersionKind`. */
function typeText(apiVersion: string, kind: string): string {
  const parts = apiVersion.split('/');
  const [group, version] = parts.length > 2 ? ['', ''] : parts.length === 2 ? parts : ['', parts[0]];
  return `${group ?? ''}/${version ?? ''}, Kind=${kind}`;
}
