/** One block of a PEM text (RFC 7468), as Go's `encoding/pem` reads it. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const block = /^-----BEGIN ([^\n]*?)-----[ \t\r]*\n([\s\S]*?)^-----END \1-----[ \t\r]*$/gm;
const header = /^[^\n:]+:[^\n]*\n/;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The blocks in a text; what stands between them, or is none, is passed over. */
export function decodePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, type = '', body = ''] of text.matchAll(block)) {
    const hasHeaders = header.test(body);
    const data = (hasHeaders ? body.slice(body.indexOf('\n\n') + 2) : body).replaceAll(/\s/g, '');
    if (data.length % 4 === 0 && base64.test(data)) {
      blocks.push({ type, hasHeaders, bytes: Buffer.from(data, 'base64') });
    }
  }
  return blocks;
}
