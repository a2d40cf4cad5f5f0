import type { UserInfo } from '../../../../api/contract.ts';
import type { Authorizer } from '../../../contract.ts';

/**
 * Whether a user may use a verb on a signer: on the one by that name, or on all of its domain (`example.com/*`).
 * @param signerName `example.com/name`.
 */
export async function maySign(
  authorizer: Authorizer,
  user: UserInfo,
  verb: string,
  signerName: string,
): Promise<boolean> {
  const domain = signerName.split('/', 1)[0] ?? '';
  for (const name of [signerName, `${domain}/*`]) {
    const request = {
      isResourceRequest: true,
      path: '',
      verb,
      apiPrefix: 'apis',
      apiGroup: 'certificates.k8s.io',
      apiVersion: '*',
      namespace: '',
      resource: 'signers',
      subresource: '',
      name,
      remainder: '',
    };
    const decided = authorizer.authorize({ user, request });
    const { verdict } = decided instanceof Promise ? await decided : decided;
    if (verdict === 'allow') return true;
  }
  return false;
}
