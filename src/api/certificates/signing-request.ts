import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { decode, decodeAll, DerError, dottedForm, type Element } from '../../machinery/x509/der.ts';
import { decodePem } from './pem.ts';

const requestType = 'CERTIFICATE REQUEST';

/** The digests of the signature algorithms that requests are signed with; null where the key's type says it. */
const digests = new Map<string, string | null>([
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.3.101.112', null],
]);

interface SignedRequest {
  /** What is signed. */
  readonly info: Element;
  /** Dotted form. */
  readonly algorithm: string;
  readonly signature: Buffer;
  readonly key: KeyObject;
}

/** Reads PKCS #10 (RFC 2986). Throws a DerError, or what node:crypto throws of a key. */
function parseRequest(der: Uint8Array): SignedRequest {
  const [info, algorithm, signature] = decodeAll(decode(der).contents);
  if (info === undefined || algorithm === undefined || signature === undefined) {
    throw new DerError('asn1: structure error: sequence truncated');
  }
  const [, , keyInfo] = decodeAll(info.contents);
  const [identifier] = decodeAll(algorithm.contents);
  if (keyInfo === undefined || identifier === undefined) {
    throw new DerError('asn1: structure error: sequence truncated');
  }
  return {
    info,
    algorithm: dottedForm(identifier.contents),
    // The first octet counts unused bits, of which a signature has none.
    signature: signature.contents.subarray(1),
    key: createPublicKey({ key: keyInfo.raw, format: 'der', type: 'spki' }),
  };
}

function isSigned({ info, algorithm, signature, key }: SignedRequest): boolean {
  const digest = digests.get(algorithm);
  return digest !== undefined && verify(digest, info.raw, key, signature);
}

/** What is wrong with a certificate signing request in PEM; undefined when it is signed with the key it is about. */
export function signingRequestFault(text: string): string | undefined {
  const [block] = decodePem(text);
  if (block?.type !== requestType) return `PEM block type must be ${requestType}`;
  try {
    return isSigned(parseRequest(block.bytes)) ? undefined : 'x509: the signature of the request does not verify';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
