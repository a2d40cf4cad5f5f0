import type { TokenRequest } from '../../../../api/types/authentication.v1.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../../../api/types/core.v1.ts';
import type { CSIDriver } from '../../../../api/types/storage.v1.ts';
import { quote } from '../../../../machinery/quote.ts';
import type { Authorizer } from '../../../contract.ts';
import type { Attributes } from '../../contract.ts';
import type { Lister } from '../../lister.ts';
import { refusal } from '../../refusals.ts';
import { podOf } from './node-pods.ts';

export interface TokenReaders {
  readonly pods: Lister<Pod>;
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly drivers: Lister<CSIDriver>;
  readonly authorizer: Authorizer;
}

/** A node may have tokens for what runs on it, for audiences that this is for (KEP-4412). */
export async function checkToken(attributes: Attributes, node: string, readers: TokenReaders): Promise<void> {
  const { spec } = attributes.object as TokenRequest;
  const reference = spec?.boundObjectRef;
  if (!reference || reference.apiVersion !== 'v1' || reference.kind !== 'Pod' || !reference.name) {
    throw refusal(attributes, 'node requested token not bound to a pod');
  }
  if (!reference.uid) throw refusal(attributes, 'node requested token with a pod binding without a uid');
  const pod = podOf(attributes.namespace, reference.name, readers.pods);
  if (reference.uid !== pod.metadata.uid) {
    throw refusal(
      attributes,
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. ` +
        'The object might have been deleted and then recreated',
    );
  }
  if (pod.spec?.nodeName !== node) {
    throw refusal(attributes, 'node requested token bound to a pod scheduled on a different node');
  }
  const audiences = spec?.audiences ?? [];
  if (audiences.length > 1) throw refusal(attributes, 'node may only request 0 or 1 audiences');
  const [audience = ''] = audiences;
  if (audiencesOf(pod, readers).has(audience) || (await mayRequest(attributes, audience, readers.authorizer))) return;
  throw refusal(attributes, `audience ${quote(audience)} not found in pod spec volume`);
}

/** What the volumes of a Pod need tokens for. */
function audiencesOf(pod: Pod, readers: TokenReaders): Set<string> {
  const audiences = new Set<string>();
  const namespace = pod.metadata.namespace ?? '';
  for (const volume of pod.spec?.volumes ?? []) {
    for (const { serviceAccountToken } of volume.projected?.sources ?? []) {
      if (serviceAccountToken) audiences.add(serviceAccountToken.audience ?? '');
    }
    const driver = driverOf(volume, pod.metadata.name ?? '', namespace, readers);
    if (driver === undefined) continue;
    for (const request of readers.drivers.get('', driver)?.spec.tokenRequests ?? []) {
      audiences.add(request.audience ?? '');
    }
  }
  return audiences;
}

function driverOf(volume: Volume, pod: string, namespace: string, readers: TokenReaders): string | undefined {
  if (volume.csi) return volume.csi.driver;
  const name = volume.ephemeral ? `${pod}-${volume.name}` : volume.persistentVolumeClaim?.claimName;
  if (name === undefined) return undefined;
  const bound = readers.claims.get(namespace, name)?.spec?.volumeName;
  return bound === undefined ? undefined : readers.volumes.get('', bound)?.spec?.csi?.driver;
}

async function mayRequest(
  { user, namespace, name }: Attributes,
  audience: string,
  authorizer: Authorizer,
): Promise<boolean> {
  const { verdict } = await authorizer.authorize({
    user,
    request: {
      isResourceRequest: true,
      path: '',
      verb: 'request-serviceaccounts-token-audience',
      apiPrefix: 'api',
      apiGroup: '',
      apiVersion: '*',
      namespace,
      resource: audience,
      subresource: '',
      name,
      remainder: '',
    },
  });
  return verdict === 'allow';
}
