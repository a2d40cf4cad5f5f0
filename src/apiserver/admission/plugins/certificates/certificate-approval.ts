import type { CertificateSigningRequest } from '../../../../api/types/certificates.v1.ts';
import { quote } from '../../../../machinery/quote.ts';
import type { Authorizer } from '../../../contract.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import { refusal } from '../../refusals.ts';
import { isOf } from '../pod-requests.ts';
import { maySign } from './signer-permission.ts';

/** Asks of who approves or denies a request whether they may do so for its signer. */
export class CertificateApproval implements AdmissionPlugin {
  readonly name = 'CertificateApproval';
  readonly #authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  handles(kind: RequestKind): boolean {
    const isOfRequests = isOf(kind, 'certificates.k8s.io', 'certificatesigningrequests');
    return isOfRequests && kind.subresource === 'approval' && kind.operation === 'UPDATE';
  }

  async validate(attributes: Attributes): Promise<void> {
    const { signerName = '' } = (attributes.oldObject as CertificateSigningRequest).spec;
    if (await maySign(this.#authorizer, attributes.user, 'approve', signerName)) return;
    throw refusal(attributes, `user not permitted to approve requests with signerName ${quote(signerName)}`);
  }
}
