import 'reflect-metadata';
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import * as library from '@peculiar/x509';
import * as fc from 'fast-check';
import { seededRandom, systemRandom } from '../random.ts';
import { certificatePem, issueCertificate, issueSelfSigned, subjectOf } from './certificate.ts';
import { decode, decodeAll, DerError, dottedForm, encode, integer, objectIdentifier, tags, time } from './der.ts';
import { decodeName, encodeName } from './distinguished-name.ts';

const notBeforeMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const notAfterMs = Date.UTC(2050, 0, 2, 3, 4, 5);
const authority = (key: KeyObject): Buffer =>
  issueSelfSigned(
    { subject: { commonName: 'kubernetes', organizations: [] }, notBeforeMs, notAfterMs, purpose: 'authority' },
    key,
    systemRandom,
  );

describe('DER', () => {
  test('lengths of every form go there and back', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
      const contents = Buffer.alloc(length, 7);
      const element = decode(encode(tags.octetString, contents));
      assert.equal(element.tag, tags.octetString);
      assert.ok(element.contents.equals(contents));
    }
  });

  test('integers are the shortest non-negative form', () => {
    assert.equal(integer(Buffer.from([])).toString('hex'), '020100');
    assert.equal(integer(Buffer.from([0, 0, 0x7f])).toString('hex'), '02017f');
    assert.equal(integer(Buffer.from([0x80])).toString('hex'), '02020080');
  });

  test('object identifiers keep their arcs', () => {
    for (const id of ['1.2.840.10045.4.3.2', '2.5.29.15', '2.999.1', '1.3.6.1.4.1.311.20.2.3', '0.9.2342.19200300']) {
      assert.equal(dottedForm(decode(objectIdentifier(id)).contents), id);
    }
  });

  test('times before 2050 have two digits of year, later ones four', () => {
    assert.equal(decode(time(notBeforeMs)).contents.toString(), '260102030405Z');
    assert.equal(decode(time(notAfterMs)).contents.toString(), '20500102030405Z');
  });

  test('no bytes make the reader do anything but answer or refuse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const elements = decodeAll(bytes);
          assert.equal(Buffer.concat(elements.map((element) => element.raw)).compare(bytes), 0);
        } catch (error) {
          assert.ok(error instanceof DerError);
        }
      }),
    );
    for (const hex of ['30', '3080', '3005', '308501', '1f8101', '300030']) {
      assert.throws(() => decodeAll(Buffer.from(hex, 'hex')), DerError, hex);
    }
    assert.throws(() => decode(Buffer.from('30003000', 'hex')), DerError);
  });
});

test('names keep the user and the groups, whatever characters they are of', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.uniqueArray(fc.string({ unit: 'grapheme' })),
      (commonName, groups) => {
        const name = decodeName(encodeName({ commonName, organizations: groups }));
        assert.equal(name.commonName, commonName);
        assert.deepEqual(name.organizations.toSorted(), groups.toSorted());
      },
    ),
  );
});

describe('certificates', () => {
  for (const [name, key] of [
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
  ] as const) {
    test(`an authority with a key of ${name} signs what others can verify`, () => {
      const ca = authority(key);
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const leaf = issueCertificate(
        {
          subject: { commonName: 'system:node:n1', organizations: ['system:nodes'] },
          publicKey,
          notBeforeMs,
          notAfterMs,
          purpose: ['clientAuth'],
        },
        { certificate: ca, key },
        systemRandom,
      );
      const [parsedCa, parsedLeaf] = [new X509Certificate(ca), new X509Certificate(leaf)];
      assert.ok(parsedCa.ca && !parsedLeaf.ca);
      assert.ok(parsedCa.verify(parsedCa.publicKey));
      assert.ok(parsedLeaf.checkIssued(parsedCa) && parsedLeaf.verify(parsedCa.publicKey));
      assert.deepEqual(parsedLeaf.keyUsage, ['1.3.6.1.5.5.7.3.2']);
      assert.deepEqual(subjectOf(leaf), { commonName: 'system:node:n1', organizations: ['system:nodes'] });
    });
  }

  test('another implementation reads every field', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ca = authority(privateKey);
    const leaf = issueCertificate(
      {
        subject: { commonName: 'kube-apiserver', organizations: [] },
        publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
        notBeforeMs,
        notAfterMs,
        purpose: ['serverAuth', 'clientAuth'],
        alternativeNames: ['kubernetes.default.svc', '10.96.0.1', '::1'],
      },
      { certificate: ca, key: privateKey },
      systemRandom,
    );
    const pem = certificatePem(leaf);
    assert.ok(pem.split('\n').every((line) => line.length <= 65));
    const read = new library.X509Certificate(pem);
    const readCa = new library.X509Certificate(new Uint8Array(ca));
    assert.equal(read.subject, 'CN=kube-apiserver');
    assert.equal(read.issuer, 'CN=kubernetes');
    assert.equal(read.notBefore.getTime(), notBeforeMs);
    assert.equal(read.notAfter.getTime(), notAfterMs);
    assert.deepEqual(read.getExtension(library.SubjectAlternativeNameExtension)?.names.toJSON(), [
      { type: 'dns', value: 'kubernetes.default.svc' },
      { type: 'ip', value: '10.96.0.1' },
      { type: 'ip', value: '::1' },
    ]);
    assert.equal(read.getExtension(library.KeyUsagesExtension)?.usages, library.KeyUsageFlags.digitalSignature);
    assert.equal(
      readCa.getExtension(library.KeyUsagesExtension)?.usages,
      library.KeyUsageFlags.digitalSignature | library.KeyUsageFlags.keyCertSign | library.KeyUsageFlags.cRLSign,
    );
    assert.equal(readCa.getExtension(library.BasicConstraintsExtension)?.ca, true);
    assert.equal(read.getExtension(library.BasicConstraintsExtension)?.ca, false);
    assert.equal(
      read.getExtension(library.AuthorityKeyIdentifierExtension)?.keyId,
      readCa.getExtension(library.SubjectKeyIdentifierExtension)?.keyId,
    );
    assert.deepEqual(Array.from(read.getExtension(library.ExtendedKeyUsageExtension)?.usages ?? []), [
      '1.3.6.1.5.5.7.3.1',
      '1.3.6.1.5.5.7.3.2',
    ]);
  });

  test('the issuer is repeated octet for octet, however it was encoded', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    assert.ok('privateKey' in keys);
    const foreign = await library.X509CertificateGenerator.createSelfSigned({
      name: 'C=DE, O=Exämple, CN=Some CA',
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date(notBeforeMs),
      notAfter: new Date(notAfterMs),
      extensions: [new library.BasicConstraintsExtension(true, undefined, true)],
    });
    const { KeyObject: Key } = await import('node:crypto');
    const leaf = issueCertificate(
      {
        subject: { commonName: 'x', organizations: [] },
        publicKey: generateKeyPairSync('ed25519').publicKey,
        notBeforeMs,
        notAfterMs,
        purpose: ['serverAuth'],
      },
      { certificate: new Uint8Array(foreign.rawData), key: Key.from(keys.privateKey) },
      systemRandom,
    );
    const ca = new X509Certificate(Buffer.from(foreign.rawData));
    assert.ok(new X509Certificate(leaf).checkIssued(ca));
    assert.ok(new X509Certificate(leaf).verify(ca.publicKey));
  });

  test('serial numbers are positive, 16 octets and random', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const serials = new Set<string>();
    const random = seededRandom('serials');
    for (let i = 0; i < 50; i++) {
      const der = issueSelfSigned(
        { subject: { commonName: 'a', organizations: [] }, notBeforeMs, notAfterMs, purpose: 'authority' },
        privateKey,
        random,
      );
      const { serialNumber } = new X509Certificate(der);
      assert.match(serialNumber, /^[4-7][0-9A-F]{31}$/);
      serials.add(serialNumber);
    }
    assert.equal(serials.size, 50);
  });
});
