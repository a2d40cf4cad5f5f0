import type { SecureContextOptions } from 'node:tls';
import { resolveKubeconfig } from '../../src/client/kubeconfig-context.ts';
import { loadKubeconfig } from '../../src/client/kubeconfig.ts';

/** Whom to trust and who to be, in PEM. */
export type Credentials = Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;

export async function readCredentials(kubeconfig: string): Promise<Credentials> {
  const { tls, credentials } = resolveKubeconfig(await loadKubeconfig({ explicitPath: kubeconfig }));
  return { ca: tls.ca, cert: credentials.certificate, key: credentials.key };
}
