import type { CertificateSigningRequest } from '../../../../api/types/certificates.v1.ts';
import { deepEqual } from '../../../../machinery/deep-equal.ts';
import { quote } from '../../../../machinery/quote.ts';
import type { Authorizer } from '../../../contract.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import { refusal } from '../../refusals.ts';
import { isOf } from '../pod-requests.ts';
import { maySign } from './signer-permission.ts';

/** Asks of who hands in a certificate whether they may do so for the request's signer. */
export class CertificateSigning implements AdmissionPlugin {
  readonly name = 'CertificateSigning';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  handles(kind: RequestKind): boolean {
    const isOfRequests = isOf(kind, 'certificates.k8s.io', 'certificatesigningrequests');
    return isOfRequests && kind.subresource === 'status' && kind.operation === 'UPDATE';
  }

  async validate(attributes: Attributes): Promise<void> {
    const { status } = attributes.object as CertificateSigningRequest;
    const { spec, status: old } = attributes.oldObject as CertificateSigningRequest;
    const isSame = status?.certificate === old?.certificate && deepEqual(status?.conditions, old?.conditions);
    if (isSame) return;
    const { signerName = '' } = spec;
    if (await maySign(this.#authorizer, attributes.user, 'sign', signerName)) return;
    throw refusal(attributes, `user not permitted to sign requests with signerName ${quote(signerName)}`);
  }
}
