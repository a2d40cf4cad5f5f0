import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { authenticatedData, providerOf, shortData, type Opened, type ValueTransformer } from './contract.ts';

const blockBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;

/** Tells keys apart without telling anything of them. */
export function markOf(prefix: Buffer, key: Uint8Array): string {
  return `${prefix.toString('utf8')}${createHash('sha256').update(key).digest('base64')}`;
}

/** AES-CBC with PKCS #7 padding: kept for data that is there; it cannot tell whether data was changed. */
export class AesCbc implements ValueTransformer {
  readonly prefix: Buffer;
  readonly provider: string;
  readonly mark: string;
  readonly #key: Buffer;
  readonly #cipher: string;

  constructor(prefix: Buffer, key: Buffer) {
    this.prefix = prefix;
    this.provider = providerOf(prefix);
    this.mark = markOf(prefix, key);
    this.#key = key;
    this.#cipher = `aes-${key.length * 8}-cbc`;
  }

  seal(value: Uint8Array): Uint8Array {
    const vector = randomBytes(blockBytes);
    const cipher = createCipheriv(this.#cipher, this.#key, vector);
    return Buffer.concat([vector, cipher.update(value), cipher.final()]);
  }

  open(data: Uint8Array): Opened {
    if (data.length < blockBytes) throw new Error(shortData);
    const body = data.subarray(blockBytes);
    if (body.length % blockBytes !== 0) throw new Error('the stored data is not a multiple of the block size');
    const decipher = createDecipheriv(this.#cipher, this.#key, data.subarray(0, blockBytes)).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(body), decipher.final()]);
    const padding = padded.at(-1) ?? 0;
    if (padding === 0 || padding > padded.length) throw new Error('invalid PKCS7 data (empty or not padded)');
    const end = padded.length - padding;
    if (padded.subarray(end).some((byte) => byte !== padding)) throw new Error('invalid padding on input');
    return { value: padded.subarray(0, end), mark: this.mark };
  }
}

/** AES-GCM with random nonces: a key may not write more than some 2^32 values. */
export class AesGcm implements ValueTransformer {
  readonly prefix: Buffer;
  readonly provider: string;
  readonly mark: string;
  readonly #key: Buffer;

  constructor(prefix: Buffer, key: Buffer) {
    this.prefix = prefix;
    this.provider = providerOf(prefix);
    this.mark = markOf(prefix, key);
    this.#key = key;
  }

  seal(value: Uint8Array, key: string): Uint8Array {
    return sealGcm(this.#key, value, authenticatedData(key));
  }

  open(data: Uint8Array, key: string): Opened {
    return { value: openGcm(this.#key, data, authenticatedData(key)), mark: this.mark };
  }
}

type GcmName = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';

/** Nonce, ciphertext and tag. */
export function sealGcm(key: Uint8Array, value: Uint8Array, authenticated: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(`aes-${key.length * 8}-gcm` as GcmName, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(authenticated);
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when the data is not what was sealed for this place with this key. */
export function openGcm(key: Uint8Array, data: Uint8Array, authenticated: Uint8Array): Buffer {
  if (data.length < nonceBytes) throw new Error(shortData);
  const end = data.length - tagBytes;
  if (end < nonceBytes) throw new Error(failedAuthentication);
  const nonce = data.subarray(0, nonceBytes);
  const decipher = createDecipheriv(`aes-${key.length * 8}-gcm` as GcmName, key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(authenticated);
  decipher.setAuthTag(data.subarray(end));
  try {
    return Buffer.concat([decipher.update(data.subarray(nonceBytes, end)), decipher.final()]);
  } catch (error) {
    throw new Error(failedAuthentication, { cause: error });
  }
}

/** As Go's library says it, which upstream passes on. */
const failedAuthentication = 'cipher: message authentication failed';
