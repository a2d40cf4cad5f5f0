// CertificateSubjectRestriction; and CertificateApproval and CertificateSigning, by roles that name signers.
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import * as der from '../../../src/machinery/x509/der.ts';
import { AdmissionServer, refused, type Answer } from './admission-server.ts';

const server = AdmissionServer.forTests({ args: ['--authorization-mode=RBAC'] });
const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** A certificate signing request (PKCS #10) for somebody of an organization, in PEM, in base64. */
function requestFor(organization: string): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const attribute = (type: string, text: string): Buffer =>
    der.encode(0x31, der.sequence(der.objectIdentifier(type), der.utf8String(text)));
  const info = der.sequence(
    der.integer(Buffer.from([0])),
    der.sequence(attribute('2.5.4.10', organization), attribute('2.5.4.3', 'jane')),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.encode(0xa0),
  );
  const signature = sign('sha256', info, createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const algorithm = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
  const request = der.sequence(info, algorithm, der.bitString(signature)).toString('base64');
  const lines = request.replace(/.{64}/g, '$&\n').trimEnd();
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
  return Buffer.from(pem).toString('base64');
}

function make(name: string, organization: string, signerName = clientSigner): Promise<Answer> {
  const spec = { request: requestFor(organization), signerName, usages: ['client auth'] };
  return server.create(requests, { metadata: { name }, spec });
}

test('CertificateSubjectRestriction: nobody gets a client certificate of system:masters', async () => {
  await refused(
    make('masters', 'system:masters'),
    403,
    'certificatesigningrequests.certificates.k8s.io "masters" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  );
  await make('developers', 'developers');
  await make('other-signer', 'system:masters', 'example.com/signer');
});

test('CertificateApproval and CertificateSigning: who may for one signer may not for another', async () => {
  const rules = [
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
      verbs: ['update', 'patch'],
    },
    {
      apiGroups: ['certificates.k8s.io'],
      resources: ['signers'],
      resourceNames: ['example.com/*'],
      verbs: ['approve', 'sign'],
    },
  ];
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await server.create(`${rbac}/clusterroles`, { metadata: { name: 'approver' }, rules });
  await server.create(`${rbac}/clusterrolebindings`, {
    metadata: { name: 'approver' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'approver' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
  });
  await make('ours', 'developers', 'example.com/signer');
  await make('theirs', 'developers');
  const condition = { type: 'Approved', status: 'True', reason: 'Test', message: 'yes' };
  await server.as({ username: 'ann' }, async (client) => {
    const change = (name: string, subresource: string, status: object): Promise<unknown> =>
      client.request('PATCH', `${requests}/${name}/${subresource}`, {
        body: { status },
        contentType: 'application/merge-patch+json',
      });
    await change('ours', 'approval', { conditions: [condition] });
    const name = 'certificatesigningrequests.certificates.k8s.io "theirs" is forbidden: user not permitted to';
    const approval = change('theirs', 'approval', { conditions: [condition] });
    await refused(approval, 403, `${name} approve requests with signerName "${clientSigner}"`);
    const failed = { ...condition, type: 'Failed' };
    await change('ours', 'status', { conditions: [condition, failed] });
    const signing = change('theirs', 'status', { conditions: [failed] });
    await refused(signing, 403, `${name} sign requests with signerName "${clientSigner}"`);
  });
});
