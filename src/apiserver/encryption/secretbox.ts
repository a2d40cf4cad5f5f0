import { randomBytes } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { markOf } from './aes.ts';
import { providerOf, shortData, type Opened, type ValueTransformer } from './contract.ts';

const nonceBytes = 24;
const tagBytes = 16;

/** XSalsa20 and Poly1305, as NaCl's secretbox has them. Node's own cryptography does not. */
export class Secretbox implements ValueTransformer {
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

  seal(value: Uint8Array): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    return Buffer.concat([nonce, xsalsa20poly1305(this.#key, nonce).encrypt(value)]);
  }

  open(data: Uint8Array): Opened {
    if (data.length < nonceBytes + tagBytes) throw new Error(shortData);
    const nonce = data.subarray(0, nonceBytes);
    try {
      const value = xsalsa20poly1305(this.#key, nonce).decrypt(data.subarray(nonceBytes));
      return { value: Buffer.from(value.buffer, value.byteOffset, value.byteLength), mark: this.mark };
    } catch (error) {
      // Upstream's text, though it is no good one.
      throw new Error('output array was not large enough for encryption', { cause: error });
    }
  }
}
