/**
 * Encryption at rest (https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/): values are transformed on their
 * way into the store and back. What is stored begins with the name of its provider and key, as upstream's does, so that
 * either reads the other's data.
 */

/** A value as it was read. */
export interface Opened {
  readonly value: Uint8Array;
  /** What it was encrypted with: the same text for the same key. */
  readonly mark: string;
}

/** One way to transform values, with one key. */
export interface ValueTransformer {
  /** What values begin with that it wrote: `k8s:enc:aescbc:v1:key1:`; empty for what is not encrypted. */
  readonly prefix: Buffer;
  /** The prefix without the key's name, where there may be several keys. */
  readonly provider: string;
  /** What values are marked with that it writes now. */
  readonly mark: string;
  /** A value as it is to be stored, without the prefix. `key` is the store's. Throws when that is not possible now. */
  seal(value: Uint8Array, key: string): Uint8Array;
  /** What was stored, without the prefix. Throws or rejects when it is not from here, or damaged. */
  open(data: Uint8Array, key: string): Opened | Promise<Opened>;
}

/** Values cannot be moved to another key of the store: it is part of what is authenticated. */
export function authenticatedData(key: string): Buffer {
  return Buffer.from(key, 'latin1');
}

export const shortData = 'the stored data was shorter than the required size';

/** `k8s:enc:aescbc:v1:` of `k8s:enc:aescbc:v1:key1:`. */
export function providerOf(prefix: Buffer): string {
  return /^k8s:enc:[^:]+:v\d+:/.exec(prefix.toString('utf8'))?.[0] ?? '';
}
