import { bitString } from './der.ts';

/** What a key may be used for, in the order of the bits (RFC 5280 §4.2.1.3). */
const keyUsageBits = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof keyUsageBits)[number];

/** Extended key usages (RFC 5280 §4.2.1.12, and what came before it). */
export const purposeIds = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  ipsecEndSystem: '1.3.6.1.5.5.7.3.5',
  ipsecTunnel: '1.3.6.1.5.5.7.3.6',
  ipsecUser: '1.3.6.1.5.5.7.3.7',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  microsoftServerGatedCrypto: '1.3.6.1.4.1.311.10.3.3',
  netscapeServerGatedCrypto: '2.16.840.1.113730.4.1',
} as const;

export type Purpose = keyof typeof purposeIds;

/** A bit string that ends with the last bit that is set, as DER asks of named bits (X.690 §11.2.2). */
export function keyUsageString(usages: readonly KeyUsage[]): Buffer {
  const last = Math.max(...usages.map((usage) => keyUsageBits.indexOf(usage)));
  const octets = Buffer.alloc(Math.floor(last / 8) + 1);
  for (const usage of usages) {
    const bit = keyUsageBits.indexOf(usage);
    octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
  return bitString(octets, 7 - (last & 7));
}
