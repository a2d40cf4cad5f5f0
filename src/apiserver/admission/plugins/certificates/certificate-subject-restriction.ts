import { requestedOrganizations } from '../../../../api/certificates/request-subject.ts';
import type { CertificateSigningRequest } from '../../../../api/types/certificates.v1.ts';
import { mastersGroup } from '../../../authentication/users.ts';
import type { AdmissionPlugin, Attributes, RequestKind } from '../../contract.ts';
import { refusal } from '../../refusals.ts';
import { isOf } from '../pod-requests.ts';

const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** Refuses requests for client certificates that would make their holder all-powerful. */
export class CertificateSubjectRestriction implements AdmissionPlugin {
  readonly name = 'CertificateSubjectRestriction';

  handles(kind: RequestKind): boolean {
    const isOfRequests = isOf(kind, 'certificates.k8s.io', 'certificatesigningrequests');
    return isOfRequests && kind.subresource === '' && kind.operation === 'CREATE';
  }

  validate(attributes: Attributes): void {
    const { signerName, request = '' } = (attributes.object as CertificateSigningRequest).spec;
    if (signerName !== clientSigner) return;
    let organizations: string[];
    try {
      organizations = requestedOrganizations(Buffer.from(request ?? '', 'base64').toString('latin1'));
    } catch (error) {
      throw refusal(attributes, `failed to parse CSR: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!organizations.includes(mastersGroup)) return;
    throw refusal(attributes, `use of ${clientSigner} signer with ${mastersGroup} group is not allowed`);
  }
}
