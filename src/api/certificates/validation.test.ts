import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCreates, testStatuses, testUpdates } from '../test-validation.ts';
import type { CertificateSigningRequest } from '../types/certificates.v1.ts';
import { certificatesigningrequests } from './certificatesigningrequests.ts';
import { signingRequestFault } from './signing-request.ts';
import { validateApproval, validateSigningRequestStatus } from './validation.ts';

/** For `O=system:nodes, CN=system:node:n`, signed with a P-256 key. */
const ecdsa = `-----BEGIN CERTIFICATE REQUEST-----
MIHpMIGRAgEAMC8xFTATBgNVBAoMDHN5c3RlbTpub2RlczEWMBQGA1UEAwwNc3lz
dGVtOm5vZGU6bjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJqggXFg7mJpxf5W
luaAI+BQBt0yjyTw0wIFlra1V0K3qaojbmzieA55hQu/s/y/+nTqIInEmfXK0l0D
SmYT8ZegADAKBggqhkjOPQQDAgNHADBEAiAg8MwFKVYgimfCypq79ZOMIwNRU2jf
NUetNH6miLOy9QIgZwvUe0KNKbpvGmVARtUhNu32qc009rZEbrAEbrOWofg=
-----END CERTIFICATE REQUEST-----
`;
const ed25519 = `-----BEGIN CERTIFICATE REQUEST-----
MIGLMD8CAQAwDDEKMAgGA1UEAwwBeDAqMAUGAytlcAMhACInaLQpMXXEcXRShMLG
BI9nhxRwZwfCBHTFkPxOA3upoAAwBQYDK2VwA0EA3iJZSTHYS6OZGfoYpXCnQFO0
vCjn4O/1OweyJhUHzVX8p4GFjRVaSQ5kGOTsjneIf1HYjQvBcnpa7PZDIV2IBQ==
-----END CERTIFICATE REQUEST-----
`;
const rsa = `-----BEGIN CERTIFICATE REQUEST-----
MIICUTCCATkCAQAwDDEKMAgGA1UEAwwBeDCCASIwDQYJKoZIhvcNAQEBBQADggEP
ADCCAQoCggEBAM+aNrMShuM0tAgo46Fp6eec9D8a+iCxgsUz1Z+LzW8OI44czqWk
VfZTp4haJMI/148EOKHBajInBi9dAxq/M7dj9aQklmkKeLoeaDiIyRqmGCOzV8hy
F8EfOBT2vhY938hrb/z62mr8PFjJM47qr//QUckM0ZitzZxkldGW/B5t2Do5HGJO
gU5h1s3jdeEt4dk+EpoxNaiy9x/Ou4XyhS6PmuTkJkJBCJHwWweXBr0s71LSQvgl
TZDUx/eNFTU0RkNKYJ8vXNha0owc4pCU0quIwVH9292/zRlVaZ/fh/nA41y+h7/O
Ys2/hZpOCShH1/1dbStqA1GyAO/p5+49jjcCAwEAAaAAMA0GCSqGSIb3DQEBCwUA
A4IBAQAxFE4aHoNJN9F7cmtm0gyG5wVGGLt5wg2JAmq8KwJ1SJKGBCmwvIWd5AJq
T4BnHTLpygb8XsmUzfghKS4dNQLqwi6e9HwsImnUZTIx3Oae3GAJIWS1/l4BmjjA
FqTz0PZ/Ihpaz6l4u3RQbSS4p3zYbPTnTPS4/eX8C9YQvjISxconDbM4HO9bEW36
NcZg6dZtAItydHV7icUgf9mYkPGYAXacD/cEyJaufPhsqDAFvxjiOvgaN5rov+As
eh5Y1rTzB93Q1fAFt8SyXRAuacMBRn97IsO7iGxsgEFTcCXexz2ceht2OqsgR4dk
qY7ovF/ucStBx8mkkMqJVmuARcy/
-----END CERTIFICATE REQUEST-----
`;
const certificatePem = `-----BEGIN CERTIFICATE-----
MIIBLjCB4aADAgECAhQ1HAyVK/8NfUmDbsJvY0QzopCCqDAFBgMrZXAwDDEKMAgG
A1UEAwwBeDAgFw0yNjExMjAxODExNTdaGA8yMTI2MTAyNzE4MTE1N1owDDEKMAgG
A1UEAwwBeDAqMAUGAytlcAMhAG9K/rEcOt0XGsWOeSokPhxYvFkNaapL68I7Fimq
G3tJo1MwUTAdBgNVHQ4EFgQUIXr0xA6XS8DonnUFhpPj5S+8LBkwHwYDVR0jBBgw
FoAUIXr0xA6XS8DonnUFhpPj5S+8LBkwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXAD
QQBOjkaNcDXOwsu3g8oyfIfs+gP0ISy29iBiXY3Ju2jWtf6q60lZZLXHQFhYXQBi
LrLGqJ50VYdXeMhGMN07gPkK
-----END CERTIFICATE-----
`;

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

test('requests are held to their signature', () => {
  for (const pem of [ecdsa, ed25519, rsa, `some words\n${ecdsa}more words`]) {
    assert.equal(signingRequestFault(pem), undefined);
  }
  assert.equal(signingRequestFault(''), 'PEM block type must be CERTIFICATE REQUEST');
  assert.equal(signingRequestFault(certificatePem), 'PEM block type must be CERTIFICATE REQUEST');
  const der = Buffer.from(ecdsa.replaceAll(/-----.*-----|\s/g, ''), 'base64');
  const at = der.indexOf('system:node:n');
  der.write('system:node:m', at, 'latin1');
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  assert.equal(signingRequestFault(pem), 'x509: the signature of the request does not verify');
});

const request = {
  metadata: { name: 'x' },
  spec: { request: base64(ecdsa), signerName: 'example.com/signer', usages: ['client auth'] },
};
const approved = { type: 'Approved', status: 'True' };

testCreates(certificatesigningrequests, request, [
  ['spec.request', 'YQ==', 'spec.request: Invalid value: "YQ==": PEM block type must be CERTIFICATE REQUEST'],
  ['spec.usages', [], 'spec.usages: Required value'],
  ['spec.usages', ['server auth', 'server auth'], 'spec.usages[1]: Duplicate value: "server auth"'],
  [
    'spec.usages',
    ['eat'],
    'spec.usages[0]: Unsupported value: "eat": supported values: "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"',
  ],
  ['spec.signerName', '', 'spec.signerName: Required value'],
  [
    'spec.signerName',
    'kubernetes.io/legacy-unknown',
    'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
  ],
  ['spec.expirationSeconds', 600],
  [
    'spec.expirationSeconds',
    599,
    'spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)',
  ],
]);
testUpdates(certificatesigningrequests, request, [['metadata.labels', { a: 'b' }]]);
testStatuses(certificatesigningrequests, request, [
  ['status', { certificate: base64(certificatePem) }],
  [
    'status',
    { certificate: base64(ecdsa) },
    'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"',
  ],
  [
    'status',
    { certificate: 'YQ==' },
    'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
  ],
  ['status', { conditions: [{ type: 'Failed', status: 'True' }] }],
  [
    'status',
    { conditions: [{ type: 'Failed', status: 'False' }] },
    'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
  ],
]);
testStatuses(certificatesigningrequests, { ...request, status: { certificate: base64(certificatePem) } }, [
  [
    'status.certificate',
    base64(`${certificatePem}${certificatePem}`),
    'status.certificate: Forbidden: updates may not modify existing certificate content',
  ],
]);

test('an approver decides once, and issues nothing', () => {
  const object = (status: object): CertificateSigningRequest => ({ ...request, status }) as CertificateSigningRequest;
  const errors = (status: object, old: object): string[] => validateApproval(object(status), object(old)).map(String);
  assert.deepEqual(errors({ conditions: [approved] }, {}), []);
  assert.deepEqual(errors({}, { conditions: [approved] }), [
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ]);
  assert.deepEqual(errors({ conditions: [approved, { type: 'Denied', status: 'True' }] }, {}), [
    'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
  ]);
  assert.deepEqual(errors({ conditions: [approved, approved, {}] }, {}), [
    'status.conditions[1].type: Duplicate value: "Approved"',
    'status.conditions[2].type: Required value',
    'status.conditions[2].status: Required value',
  ]);
  assert.deepEqual(errors({ certificate: base64(certificatePem) }, {}), [
    'status.certificate: Forbidden: updates may not set certificate content',
  ]);
});

test('a signer neither makes nor changes decisions', () => {
  const object = (...conditions: object[]): CertificateSigningRequest =>
    ({ ...request, status: { conditions } }) as unknown as CertificateSigningRequest;
  const errors = (one: CertificateSigningRequest, old: CertificateSigningRequest): string[] =>
    validateSigningRequestStatus(one, old).map(String);
  assert.deepEqual(errors(object(approved), object()), [
    'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
  ]);
  assert.deepEqual(errors(object({ ...approved, message: 'other' }), object(approved)), [
    'status.conditions: Forbidden: updates may not modify a condition of type "Approved"',
  ]);
  assert.deepEqual(errors(object(), object(approved)), [
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ]);
});
