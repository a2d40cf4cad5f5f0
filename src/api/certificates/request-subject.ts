import { decode, decodeAll, DerError, dottedForm } from '../../machinery/x509/der.ts';
import { decodePem } from './pem.ts';

/** organizationName (X.520). */
const organization = '2.5.4.10';

/**
 * The organizations that a certificate signing request in PEM asks for: groups, where it is for a client. Throws an
 * Error when it is not such a request.
 */
export function requestedOrganizations(text: string): string[] {
  const [block] = decodePem(text);
  if (block?.type !== 'CERTIFICATE REQUEST') throw new DerError('PEM block type must be CERTIFICATE REQUEST');
  const [info] = decodeAll(decode(block.bytes).contents);
  const [, subject] = info === undefined ? [] : decodeAll(info.contents);
  if (subject === undefined) throw new DerError('asn1: structure error: sequence truncated');
  const found: string[] = [];
  for (const set of decodeAll(subject.contents)) {
    for (const pair of decodeAll(set.contents)) {
      const [type, value] = decodeAll(pair.contents);
      if (type === undefined || value === undefined) throw new DerError('asn1: structure error: sequence truncated');
      if (dottedForm(type.contents) === organization) found.push(Buffer.from(value.contents).toString('utf8'));
    }
  }
  return found;
}
