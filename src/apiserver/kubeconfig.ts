/** A kubeconfig file for an administrator of this server. */
import { dirname } from 'node:path';
import { replaceFile } from '../machinery/atomic-file.ts';
import { makeDirectory } from '../machinery/make-directory.ts';
import type { KeyPair } from './pki/leaf.ts';

export interface KubeconfigContents {
  /** `https://HOST:PORT` */
  readonly server: string;
  /** What verifies the server's certificate, in PEM. */
  readonly certificateAuthority: string;
  readonly user: { readonly name: string } & KeyPair;
}

const clusterName = 'kubernetes';

/**
 * The file's text: one cluster, one user, and the context `USER@kubernetes` of both, as kubeadm names them; certificates
 * are embedded. It is YAML that is written as JSON strings, which need no library to be right.
 */
export function kubeconfigText({ server, certificateAuthority, user }: KubeconfigContents): string {
  const base64 = (pem: string): string => Buffer.from(pem, 'utf8').toString('base64');
  const contextName = `${user.name}@${clusterName}`;
  const text = JSON.stringify;
  return `apiVersion: v1
kind: Config
clusters:
- name: ${text(clusterName)}
  cluster:
    server: ${text(server)}
    certificate-authority-data: ${base64(certificateAuthority)}
users:
- name: ${text(user.name)}
  user:
    client-certificate-data: ${base64(user.certificate)}
    client-key-data: ${base64(user.key)}
contexts:
- name: ${text(contextName)}
  context:
    cluster: ${text(clusterName)}
    user: ${text(user.name)}
current-context: ${text(contextName)}
`;
}

/** Writes it, whole or not at all, readable by the owner alone. Rejects with the file system's error. */
export async function writeKubeconfig(path: string, contents: KubeconfigContents): Promise<void> {
  makeDirectory(dirname(path), 0o700);
  await replaceFile(path, kubeconfigText(contents), 0o600);
}
