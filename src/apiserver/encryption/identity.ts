import type { Opened, ValueTransformer } from './contract.ts';

const encrypted = Buffer.from('k8s:enc:');

/** What values are marked with that are not encrypted. */
export const identityMark = 'identity';

/** Stores values as they are, and does not take encrypted ones for such. */
export const identity: ValueTransformer = {
  prefix: Buffer.alloc(0),
  provider: 'identity',
  mark: identityMark,
  seal: (value) => value,
  open(data): Opened {
    if (encrypted.equals(data.subarray(0, encrypted.length))) {
      throw new Error('identity transformer tried to read encrypted data');
    }
    return { value: data, mark: identityMark };
  },
};
