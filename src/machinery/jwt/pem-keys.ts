/** Public keys from PEM files, as upstream's `keyutil.PublicKeysFromFile` reads them. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const block = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g;

/**
 * The public keys of all blocks of a PEM text: public keys, private keys (their public halves), certificates. Blocks of
 * other kinds are passed over. Throws the reader's error for a block that is broken.
 */
export function publicKeysOfPem(text: string): KeyObject[] {
  const keys: KeyObject[] = [];
  for (const [pem, label = ''] of text.matchAll(block)) {
    if (label === 'CERTIFICATE') keys.push(new X509Certificate(pem).publicKey);
    else if (label.endsWith('PRIVATE KEY')) keys.push(createPublicKey(createPrivateKey(pem)));
    else if (label.endsWith('PUBLIC KEY')) keys.push(createPublicKey(pem));
  }
  return keys;
}
