import { createHmac, randomBytes } from 'node:crypto';
import { openGcm, sealGcm } from '../aes.ts';
import { authenticatedData, shortData } from '../contract.ts';

const infoBytes = 32;
export const seedBytes = 32;

/** Encrypts with a key of its own for each value, derived from a seed: no seed is ever used up (KEP-3299). */
export class SeedCipher {
  readonly #seed: Uint8Array;

  constructor(seed: Uint8Array) {
    if (seed.length < seedBytes) throw new Error(`invalid seed length ${seed.length} used for key generation`);
    this.#seed = seed;
  }

  seal(value: Uint8Array, key: string): Buffer {
    const info = randomBytes(infoBytes);
    return Buffer.concat([info, sealGcm(expandKey(this.#seed, info), value, authenticatedData(key))]);
  }

  open(data: Uint8Array, key: string): Buffer {
    if (data.length < infoBytes) throw new Error(shortData);
    const info = data.subarray(0, infoBytes);
    return openGcm(expandKey(this.#seed, info), data.subarray(infoBytes), authenticatedData(key));
  }
}

/** HKDF's second step alone (RFC 5869, 2.3), of which 32 bytes are the first block: the seed is random enough. */
export function expandKey(seed: Uint8Array, info: Uint8Array): Buffer {
  return createHmac('sha256', seed)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}

/** Values that were written with the key itself; nothing is any more. */
export class KeyCipher {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    if (![16, 24, 32].includes(key.length)) throw new Error(`crypto/aes: invalid key size ${key.length}`);
    this.#key = key;
  }

  open(data: Uint8Array, key: string): Buffer {
    return openGcm(this.#key, data, authenticatedData(key));
  }
}
