import type { KeyObject } from 'node:crypto';
import { keyIdOf } from '../../../machinery/jwt/jwk.ts';

export interface VerificationKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/** The public keys that tokens are verified with. Keys may be changed while the server runs. */
export class VerificationKeys {
  #all: readonly VerificationKey[] = [];
  #generation = 0;

  constructor(keys: readonly KeyObject[]) {
    this.replace(keys);
  }

  /** Grows with each change. */
  get generation(): number {
    return this.#generation;
  }

  get all(): readonly VerificationKey[] {
    return this.#all;
  }

  /** The keys that a token may have been signed with: those of the name that it gives, or all when it gives none. */
  candidates(keyId: string): readonly VerificationKey[] {
    return keyId === '' ? this.#all : this.#all.filter((one) => one.keyId === keyId);
  }

  replace(keys: readonly KeyObject[]): void {
    const byId = new Map(keys.map((key) => [keyIdOf(key), key]));
    this.#all = [...byId].map(([keyId, key]) => ({ keyId, key }));
    this.#generation++;
  }
}
