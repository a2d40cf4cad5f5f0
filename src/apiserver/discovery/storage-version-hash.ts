import { createHash } from 'node:crypto';
import type { StorageForm } from '../../api/contract.ts';

const hashBytes = 8;

/**
 * Tells clients, without telling them what it is, whether the version that a resource is stored in has changed
 * (`APIResource.storageVersionHash`).
 */
export function storageVersionHash(
  kind: string,
  { group, version }: Pick<StorageForm<never>, 'group' | 'version'>,
): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, hashBytes).toString('base64');
}
