import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import type { JsonMap } from './json.ts';

const compress = promisify(gzip);

/** One document as it goes over the wire. */
export interface OpenApiDocument {
  readonly contentType: string;
  /** The document itself. Kept only compressed, and unpacked at each call: almost every client takes gzip. */
  readonly bytes: Buffer;
  readonly gzip: Buffer;
  /** A strong entity tag, in its quotes. The protobuf form has that of the JSON form: answers vary by Accept. */
  readonly etag: string;
  /** The tag without quotes: what stands in `?hash=`. */
  readonly hash: string;
}

async function packed(contentType: string, bytes: Buffer, hash: string): Promise<OpenApiDocument> {
  const gzipped = await compress(bytes);
  return {
    contentType,
    gzip: gzipped,
    get bytes() {
      return gunzipSync(gzipped);
    },
    etag: `"${hash}"`,
    hash,
  };
}

/** A document in its forms: JSON at once, protobuf when first asked for. */
export class DocumentForms {
  readonly json: OpenApiDocument;
  readonly #protobufType: string;
  readonly #encode: (document: JsonMap) => Buffer;
  #protobuf: Promise<OpenApiDocument> | undefined;

  private constructor(json: OpenApiDocument, protobufType: string, encode: (document: JsonMap) => Buffer) {
    this.json = json;
    this.#protobufType = protobufType;
    this.#encode = encode;
  }

  static async of(
    document: JsonMap,
    protobufType: string,
    encode: (document: JsonMap) => Buffer,
  ): Promise<DocumentForms> {
    return new DocumentForms(await jsonDocument(document), protobufType, encode);
  }

  protobuf(): Promise<OpenApiDocument> {
    this.#protobuf ??= packed(
      this.#protobufType,
      this.#encode(JSON.parse(this.json.bytes.toString()) as JsonMap),
      this.json.hash,
    );
    return this.#protobuf;
  }
}

export function jsonDocument(document: JsonMap): Promise<OpenApiDocument> {
  const bytes = Buffer.from(JSON.stringify(document));
  const hash = createHash('sha512').update(bytes).digest('hex').toUpperCase();
  return packed('application/json', bytes, hash);
}
