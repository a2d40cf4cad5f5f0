// Approving, signing and cleaning of certificate requests, against a real API server on a virtual clock.
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterEach, before, beforeEach, test } from 'node:test';
import type { CertificateSigningRequest } from '../api/types/certificates.v1.ts';
import { certificateSigningRequests, clusterRoleBindings } from '../client/resources.ts';
import {
  certificateApprovingController,
  certificateCleanerController,
  certificateSigningController,
} from '../controllers/certificates/index.ts';
import { seededRandom } from '../machinery/random.ts';
import { certificatePem, issueSelfSigned } from '../machinery/x509/certificate.ts';
import { generalName, signingRequestPem } from './test-signing-request.ts';
import { VirtualControlPlane } from './virtual-control-plane.ts';

const hour = 3_600_000;
const startMs = Date.UTC(2026, 0, 1);

let authority: { certificate: string; key: string };
before(() => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = issueSelfSigned(
    {
      subject: { commonName: 'kubernetes', organizations: [] },
      notBeforeMs: startMs - hour,
      notAfterMs: startMs + 10 * 365 * 24 * hour,
      purpose: 'authority',
    },
    privateKey,
    seededRandom('authority'),
  );
  authority = {
    certificate: certificatePem(der),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
});

let plane: VirtualControlPlane;
beforeEach(async () => {
  plane = await VirtualControlPlane.start({
    controllers: [certificateApprovingController, certificateSigningController, certificateCleanerController],
    options: { clusterSigning: authority },
    flags: ['--authorization-mode=RBAC'],
  });
});
afterEach(() => plane.stop());

const nodeSubject = { commonName: 'system:node:one', organizations: ['system:nodes'] };
const clientUsages = ['digital signature', 'client auth'] as const;

async function ask(
  signerName: string,
  pem: string,
  usages: CertificateSigningRequest['spec']['usages'],
  expirationSeconds?: number,
): Promise<void> {
  await plane.client.create(certificateSigningRequests, {
    metadata: { name: 'request' },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName,
      ...(usages === undefined ? {} : { usages }),
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    },
  });
  await plane.clock.advance(1_000);
}

async function current(): Promise<CertificateSigningRequest> {
  return plane.client.get(certificateSigningRequests, undefined, 'request');
}

async function certificate(): Promise<X509Certificate> {
  const { status } = await current();
  assert.ok(status?.certificate, JSON.stringify(status));
  return new X509Certificate(Buffer.from(status.certificate, 'base64'));
}

async function approve(): Promise<void> {
  const request = await current();
  const conditions = [{ type: 'Approved', status: 'True' as const, reason: 'Test', message: 'by hand' }];
  await plane.client.update(
    certificateSigningRequests,
    { ...request, status: { conditions } },
    { subresource: 'approval' },
  );
  await plane.clock.advance(1_000);
}

test('a kubelet that may have a client certificate gets one without being asked for', async () => {
  await ask('kubernetes.io/kube-apiserver-client-kubelet', signingRequestPem(nodeSubject), [...clientUsages]);
  const { status } = await current();
  assert.deepEqual(
    status?.conditions?.map(({ type, reason, message }) => [type, reason, message]),
    [['Approved', 'AutoApproved', 'Auto approving kubelet client certificate after SubjectAccessReview.']],
  );
  const issued = await certificate();
  assert.equal(issued.subject, 'O=system:nodes\nCN=system:node:one');
  assert.deepEqual(issued.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.ok(issued.verify(new X509Certificate(authority.certificate).publicKey));
  assert.equal(issued.validFromDate.getTime(), plane.clock.now() - 1_000 - 5 * 60_000);
  assert.equal(issued.validToDate.getTime(), plane.clock.now() - 1_000 + 365 * 24 * hour - 5 * 60_000);
});

test('who may not have it waits, and is let through once it may', async () => {
  const stranger = plane.server.clientAs(
    { username: 'stranger', groups: ['system:authenticated', 'strangers'] },
    'test',
  );
  await plane.client.create(clusterRoleBindings, {
    metadata: { name: 'ask' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-bootstrapper' },
    subjects: [{ kind: 'Group', name: 'strangers', apiGroup: 'rbac.authorization.k8s.io' }],
  });
  await plane.settle();
  await stranger.create(certificateSigningRequests, {
    metadata: { name: 'request' },
    spec: {
      request: Buffer.from(signingRequestPem(nodeSubject)).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: [...clientUsages],
    },
  });
  await plane.clock.advance(10_000);
  assert.equal((await current()).status?.conditions, undefined);
  await plane.client.create(clusterRoleBindings, {
    metadata: { name: 'approve' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    },
    subjects: [{ kind: 'Group', name: 'strangers', apiGroup: 'rbac.authorization.k8s.io' }],
  });
  await plane.clock.advance(60_000);
  await certificate();
});

test('a serving certificate is signed when it was approved, with the names that were asked for', async () => {
  const names = [generalName.dns('one.example'), generalName.ip(10, 0, 0, 7)];
  await ask(
    'kubernetes.io/kubelet-serving',
    signingRequestPem(nodeSubject, names),
    ['digital signature', 'key encipherment', 'server auth'],
    3600,
  );
  assert.equal((await current()).status?.certificate, undefined);
  await approve();
  const issued = await certificate();
  assert.equal(issued.subjectAltName, 'DNS:one.example, IP Address:10.0.0.7');
  // A short one loses nothing to the minutes that it is dated back.
  assert.equal(issued.validToDate.getTime() - issued.validFromDate.getTime(), hour + 5 * 60_000);
});

test('what a signer does not sign fails, and says why', async () => {
  await ask('kubernetes.io/kubelet-serving', signingRequestPem(nodeSubject), ['digital signature', 'server auth']);
  await approve();
  const failed = (await current()).status?.conditions?.find(({ type }) => type === 'Failed');
  assert.equal(failed?.reason, 'SignerValidationFailure');
  assert.equal(failed?.message, 'DNS or IP subjectAltName is required');
  assert.equal((await current()).status?.certificate, undefined);
});

test('a user’s client certificate is signed for its usages alone', async () => {
  const jane = { commonName: 'jane', organizations: ['dev', 'ops'] };
  await ask('kubernetes.io/kube-apiserver-client', signingRequestPem(jane), ['client auth']);
  await approve();
  assert.equal((await certificate()).subject, 'O=dev + O=ops\nCN=jane');
});

test('requests of other signers are left to them; what was issued an hour ago is removed', async () => {
  await ask('example.com/own', signingRequestPem(nodeSubject), ['client auth']);
  assert.equal((await current()).status?.conditions, undefined);
  await plane.client.delete(certificateSigningRequests, undefined, 'request');
  await ask('kubernetes.io/kube-apiserver-client-kubelet', signingRequestPem(nodeSubject), [...clientUsages]);
  await certificate();
  await plane.clock.advance(2 * hour);
  await assert.rejects(current(), /not found/);
});
