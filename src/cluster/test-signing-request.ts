/** Requests for certificates as kubelets and users make them. */
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  bitString,
  context,
  encode,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  tags,
} from '../machinery/x509/der.ts';
import { encodeName, type DistinguishedName } from '../machinery/x509/distinguished-name.ts';

const ecdsaWithSHA256 = '1.2.840.10045.4.3.2';
const extensionRequest = '1.2.840.113549.1.9.14';
const subjectAltName = '2.5.29.17';

/** A GeneralName in DER. */
export const generalName = {
  dns: (name: string): Buffer => context(2, false, Buffer.from(name)),
  ip: (...octets: readonly number[]): Buffer => context(7, false, Buffer.from(octets)),
  email: (address: string): Buffer => context(1, false, Buffer.from(address)),
};

/** PKCS #10 in PEM, signed with a new key. */
export function signingRequestPem(subject: DistinguishedName, names: readonly Buffer[] = []): string {
  const key: KeyObject = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const extension = sequence(objectIdentifier(subjectAltName), octetString(sequence(...names)));
  const attribute = sequence(objectIdentifier(extensionRequest), encode(tags.set, sequence(extension)));
  const info = sequence(
    integer(Buffer.from([0])),
    encodeName(subject),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    names.length === 0 ? context(0, true) : context(0, true, attribute),
  );
  const der = sequence(info, sequence(objectIdentifier(ecdsaWithSHA256)), bitString(sign('sha256', info, key)));
  const lines = der.toString('base64').replaceAll(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
}
