import type { Opened, ValueTransformer } from './contract.ts';
import { identity } from './identity.ts';

/** Told of each transformation: where to, by which provider, and whether it failed. */
export type TransformationObserver = (to: 'to_storage' | 'from_storage', provider: string, isFailed: boolean) => void;

/** The providers of one resource: the first writes, all of them read. */
export class Transformers {
  readonly #all: readonly ValueTransformer[];
  readonly #first: ValueTransformer;
  readonly #observe: TransformationObserver;

  constructor(all: readonly ValueTransformer[], observe: TransformationObserver) {
    this.#all = all;
    this.#first = all[0] ?? identity;
    this.#observe = observe;
  }

  /** What values are marked with that are written now. */
  get mark(): string {
    return this.#first.mark;
  }

  /** Whether a value is stored as it is. */
  get isIdentity(): boolean {
    return this.#first === identity;
  }

  /** A value as it is to be stored. Throws. */
  seal(value: Uint8Array, key: string): Uint8Array {
    const { prefix, provider } = this.#first;
    try {
      const sealed = this.#first.seal(value, key);
      this.#observe('to_storage', provider, false);
      return prefix.length === 0 ? sealed : Buffer.concat([prefix, sealed]);
    } catch (error) {
      this.#observe('to_storage', provider, true);
      throw error;
    }
  }

  /** What was stored. Throws or rejects with what every provider says that knows the prefix. */
  open(stored: Uint8Array, key: string): Opened | Promise<Opened> {
    return this.#open(stored, key, 0, []);
  }

  #open(stored: Uint8Array, key: string, from: number, errors: string[]): Opened | Promise<Opened> {
    for (let index = from; index < this.#all.length; index++) {
      const transformer = this.#all[index];
      if (transformer === undefined || !startsWith(stored, transformer.prefix)) continue;
      try {
        const { length } = transformer.prefix;
        const opened = transformer.open(length === 0 ? stored : stored.subarray(length), key);
        if (opened instanceof Promise) return this.#goOn(opened, stored, key, index, errors);
        return this.#succeeded(transformer, opened);
      } catch (error) {
        this.#failed(transformer, error, errors);
      }
    }
    if (errors.length === 1) throw new Error(errors[0]);
    if (errors.length > 1) throw new Error(`[${errors.join(', ')}]`);
    this.#observe('from_storage', 'unknown', true);
    throw new Error(this.#missing(stored));
  }

  /** Why nobody knows the prefix. */
  #missing(stored: Uint8Array): string {
    const known = this.#all.find(
      ({ prefix, provider }) => prefix.length > 0 && startsWith(stored, Buffer.from(provider, 'utf8')),
    );
    if (known === undefined) return 'no matching prefix found';
    const name = known.provider.includes(':aes') ? 'AES' : 'Secretbox';
    return `no matching key was found for the provided ${name} transformer`;
  }

  async #goOn(
    opened: Promise<Opened>,
    stored: Uint8Array,
    key: string,
    index: number,
    errors: string[],
  ): Promise<Opened> {
    const transformer = this.#all[index] ?? identity;
    try {
      return this.#succeeded(transformer, await opened);
    } catch (error) {
      this.#failed(transformer, error, errors);
    }
    return this.#open(stored, key, index + 1, errors);
  }

  #succeeded({ provider }: ValueTransformer, opened: Opened): Opened {
    this.#observe('from_storage', provider, false);
    return opened;
  }

  /** The same provider may stand there twice with other keys: a later one may do. */
  #failed({ prefix, provider }: ValueTransformer, error: unknown, errors: string[]): void {
    if (prefix.length === 0) return;
    this.#observe('from_storage', provider, true);
    errors.push(error instanceof Error ? error.message : String(error));
  }
}

function startsWith(bytes: Uint8Array, prefix: Buffer): boolean {
  return bytes.length >= prefix.length && prefix.equals(bytes.subarray(0, prefix.length));
}
