/** The subject of a certificate, as far as Kubernetes reads it: user name and groups. */
import { decode, decodeAll, dottedForm, encode, objectIdentifier, sequence, tags, utf8String } from './der.ts';
import type { Element } from './der.ts';

export interface DistinguishedName {
  /** '' when the name has none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
}

const commonNameType = '2.5.4.3';
const organizationType = '2.5.4.10';

/** Organizations first, then the common name, each in a set of its own: the order that Go's `pkix.Name` writes. */
export function encodeName({ commonName, organizations }: DistinguishedName): Buffer {
  const attribute = (type: string, value: string): Buffer => sequence(objectIdentifier(type), utf8String(value));
  const sets: Buffer[] = [];
  if (organizations.length > 0) {
    const attributes = organizations.map((organization) => attribute(organizationType, organization));
    // DER wants the members of a set in the order of their octets (X.690 §11.6).
    sets.push(encode(tags.set, ...attributes.sort((a, b) => a.compare(b))));
  }
  if (commonName !== '') sets.push(encode(tags.set, attribute(commonNameType, commonName)));
  return sequence(...sets);
}

/** Reads a `Name`; the last common name counts, as in Go. Throws DerError. */
export function decodeName(raw: Uint8Array): DistinguishedName {
  let commonName = '';
  const organizations: string[] = [];
  for (const set of decodeAll(decode(raw).contents)) {
    for (const attribute of decodeAll(set.contents)) {
      const [type, value] = decodeAll(attribute.contents);
      if (type === undefined || value === undefined) continue;
      const dotted = dottedForm(type.contents);
      if (dotted === commonNameType) commonName = textOf(value);
      else if (dotted === organizationType) organizations.push(textOf(value));
    }
  }
  return { commonName, organizations };
}

function textOf({ tag, contents }: Element): string {
  if (tag === tags.bmpString)
    return Buffer.from(contents.subarray(0, contents.length & ~1))
      .swap16()
      .toString('utf16le');
  return contents.toString(tag === tags.utf8String ? 'utf8' : 'latin1');
}
