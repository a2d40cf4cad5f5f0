import { isDNS1123Label } from '../../machinery/names.ts';
import type { KubernetesObject } from '../contract.ts';

/** Of a name that Pods' names and host names are made of, and that is no DNS label. */
export function podNameWarnings(
  { metadata }: KubernetesObject,
  use = 'this is used in Pod names and hostnames',
): string[] {
  const messages = isDNS1123Label(metadata?.name ?? '');
  if (messages.length === 0) return [];
  const surprise = 'which can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: ${use}, ${surprise}: [${messages.join(' ')}]`];
}
