import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readSigningRequest } from './signing-request.ts';
import { keyUsageString } from './usages.ts';

/** By OpenSSL: `-subj /O=system:nodes/CN=system:node:n` with `subjectAltName=DNS:n.example,IP:10.0.0.1,IP:fd00::1`. */
const der = Buffer.from(
  'MIIBKjCB0AIBADAvMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFjAUBgNVBAMMDXN5c3RlbTpub2RlOm4wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARRO/OB3Whwqts+SGlPHRIFOOR4DplCGDlO+G4nEZGaZ9hJ5bohNWbEf6RLdCEvA2sZtjw5V67nzT/hi05sToZ9oD8wPQYJKoZIhvcNAQkOMTAwLjAsBgNVHREEJTAjggluLmV4YW1wbGWHBAoAAAGHEP0AAAAAAAAAAAAAAAAAAAEwCgYIKoZIzj0EAwIDSQAwRgIhAPct4/D9iCuKqanx+QhUVHh1pUdoJWeomIK9/pINWPzUAiEAsRVAlwp8shrYTW6vU81GBk8zdL8PJE0Qirh+rgLUC8k=',
  'base64',
);

test('what another implementation wrote is read', () => {
  const request = readSigningRequest(der);
  assert.deepEqual(request.subject, { commonName: 'system:node:n', organizations: ['system:nodes'] });
  assert.deepEqual(request.dnsNames, ['n.example']);
  assert.deepEqual(request.ipAddresses, ['10.0.0.1', 'fd00::1']);
  assert.deepEqual([...request.emailAddresses, ...request.uris], []);
  assert.equal(request.rawAlternativeNames.length, 3);
  assert.equal(request.publicKey.asymmetricKeyType, 'ec');
});

test('whatever octets are changed, it is read or refused', () => {
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (at, octet) => {
      const changed = Buffer.from(der);
      changed[at] = octet;
      try {
        readSigningRequest(changed);
      } catch (error) {
        assert.ok(error instanceof Error);
        assert.ok(!(error instanceof TypeError && error.message.startsWith('Cannot read')), String(error));
      }
    }),
  );
});

test('key usages are the shortest string of bits', () => {
  assert.equal(keyUsageString(['digitalSignature']).toString('hex'), '03020780');
  assert.equal(keyUsageString(['digitalSignature', 'keyEncipherment']).toString('hex'), '030205a0');
  assert.equal(keyUsageString(['decipherOnly']).toString('hex'), '0303070080');
});
