import type { KubernetesObject } from '../../../../api/contract.ts';
import { deepEqual } from '../../../../machinery/deep-equal.ts';
import { quote } from '../../../../machinery/quote.ts';
import type { Authorizer } from '../../../contract.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import { refusal } from '../../refusals.ts';
import { isOf } from '../pod-requests.ts';
import { maySign } from './signer-permission.ts';

interface TrustBundle extends KubernetesObject {
  readonly spec?: { readonly signerName?: string };
}

/** Asks of who writes a signer's trust bundle whether they may speak for the signer (KEP-3257). */
export class ClusterTrustBundleAttest implements AdmissionPlugin {
  readonly name = 'ClusterTrustBundleAttest';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  handles(kind: RequestKind): boolean {
    const isWrite = kind.operation === 'CREATE' || kind.operation === 'UPDATE';
    return isOf(kind, 'certificates.k8s.io', 'clustertrustbundles') && kind.subresource === '' && isWrite;
  }

  async validate(attributes: Attributes): Promise<void> {
    const { spec } = attributes.object as TrustBundle;
    const old = attributes.oldObject as TrustBundle | undefined;
    // The garbage collector must be able to remove finalizers and the like.
    if (old !== undefined && deepEqual(old.spec, spec)) return;
    const signerName = spec?.signerName ?? '';
    if (signerName === '' || (await maySign(this.#authorizer, attributes.user, 'attest', signerName))) return;
    throw refusal(attributes, `user not permitted to attest for signerName ${quote(signerName)}`);
  }
}
