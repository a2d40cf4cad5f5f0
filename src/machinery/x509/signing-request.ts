import { createPublicKey, type KeyObject } from 'node:crypto';
import { formatIP } from '../ip-address.ts';
import { decode, decodeAll, DerError, dottedForm, type Element } from './der.ts';
import { decodeName, type DistinguishedName } from './distinguished-name.ts';

/** What a PKCS #10 request asks for (RFC 2986). */
export interface SigningRequest {
  readonly subject: DistinguishedName;
  /** DER, as it was asked for. */
  readonly rawSubject: Buffer;
  readonly publicKey: KeyObject;
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  /** In canonical form. */
  readonly ipAddresses: readonly string[];
  /** The same names in DER; those of other forms are left out. */
  readonly rawAlternativeNames: readonly Buffer[];
}

const extensionRequest = '1.2.840.113549.1.9.14';
const subjectAltName = '2.5.29.17';

/** Tags of a GeneralName (RFC 5280 §4.2.1.6). */
const forms = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const;

/** Reads a request in DER; its signature is not looked at. Throws DerError, or what node:crypto throws of a key. */
export function readSigningRequest(der: Uint8Array): SigningRequest {
  const [info] = decodeAll(decode(der).contents);
  const [, subject, keyInfo, ...attributes] = info === undefined ? [] : decodeAll(info.contents);
  if (subject === undefined || keyInfo === undefined) throw new DerError('the request has no subject or no key');
  const names = attributes.flatMap((attribute) => (attribute.tag === 0xa0 ? alternativeNames(attribute) : []));
  const texts = (tag: number): string[] =>
    names.filter((name) => name.tag === tag).map(({ contents }) => contents.toString('latin1'));
  return {
    subject: decodeName(subject.raw),
    rawSubject: subject.raw,
    publicKey: createPublicKey({ key: keyInfo.raw, format: 'der', type: 'spki' }),
    dnsNames: texts(forms.dns),
    emailAddresses: texts(forms.email),
    uris: texts(forms.uri),
    ipAddresses: names.filter(({ tag }) => tag === forms.ip).map(addressOf),
    rawAlternativeNames: names
      .filter(({ tag }) => (Object.values(forms) as number[]).includes(tag))
      .map(({ raw }) => raw),
  };
}

/** The names in the extensions that a request asks for. */
function alternativeNames(attributes: Element): Element[] {
  const found: Element[] = [];
  for (const attribute of decodeAll(attributes.contents)) {
    const [type, values] = decodeAll(attribute.contents);
    if (type === undefined || values === undefined || dottedForm(type.contents) !== extensionRequest) continue;
    for (const extensions of decodeAll(values.contents)) {
      for (const extension of decodeAll(extensions.contents)) {
        const [id, ...rest] = decodeAll(extension.contents);
        const value = rest.at(-1);
        if (id === undefined || value === undefined || dottedForm(id.contents) !== subjectAltName) continue;
        found.push(...decodeAll(decode(value.contents).contents));
      }
    }
  }
  return found;
}

function addressOf({ contents }: Element): string {
  if (contents.length !== 4 && contents.length !== 16) throw new DerError('an IP address has 4 or 16 octets');
  return formatIP({ family: contents.length === 4 ? 4 : 6, value: BigInt(`0x${contents.toString('hex')}`) });
}
