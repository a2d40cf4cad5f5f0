/**
 * The certificates and keys of a control plane, in kubeadm's files
 * (https://kubernetes.io/docs/setup/best-practices/certificates/): what is missing is made, what is there is checked and
 * used.
 */
import { makeDirectory } from '../../machinery/make-directory.ts';
import { ensureAuthority } from './authority.ts';
import type { PkiContext } from './authority.ts';
import { ensureLeaf } from './leaf.ts';
import type { KeyPair, LeafRequest } from './leaf.ts';
import { PkiDirectory, PkiError, publicPemOf } from './pki-directory.ts';

export interface PkiOptions extends PkiContext {
  readonly directory: string;
  /** What the API server is reached by: DNS names and IP addresses. Undefined: it has a certificate from elsewhere. */
  readonly servingNames: readonly string[] | undefined;
}

/** All in PEM. */
export interface Pki {
  /** The cluster's authority (`ca.crt`): signs and verifies clients and servers. */
  readonly ca: string;
  /** The API server's own certificate (`apiserver`); undefined when none was asked for. */
  readonly apiserver: KeyPair | undefined;
  /** Whom the API server is to kubelets (`apiserver-kubelet-client`). */
  readonly apiserverKubeletClient: KeyPair;
  /** The authority behind request headers of the aggregation layer (`front-proxy-ca.crt`). */
  readonly frontProxyCa: string;
  readonly frontProxyClient: KeyPair;
  /** Signs and verifies service account tokens (`sa.key`, `sa.pub`). */
  readonly serviceAccount: { readonly privateKey: string; readonly publicKey: string };
  /** `kubernetes-admin` of `system:masters`, for kubeconfig files (`admin`; kubeadm keeps it in `admin.conf` only). */
  readonly admin: KeyPair;
}

/** Each attempt that fails means that another process made a key, and there are not many. */
const maxAttempts = 10;

/** Rejects with PkiError (a file is wrong) or with the file system's error (a directory cannot be made or written). */
export async function ensurePki(options: PkiOptions): Promise<Pki> {
  makeDirectory(options.directory, 0o700);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const directory = new PkiDirectory(options.directory);
    const pki = readOrMake(directory, options);
    if (await directory.publish()) return pki;
  }
  throw new PkiError(`${options.directory} is changed by other processes all the time: end them, and start again`);
}

function readOrMake(directory: PkiDirectory, options: PkiOptions): Pki {
  const cluster = ensureAuthority(directory, 'ca', 'kubernetes', options);
  const frontProxy = ensureAuthority(directory, 'front-proxy-ca', 'front-proxy-ca', options);
  const leaf = (request: LeafRequest): KeyPair => ensureLeaf(directory, request, cluster, options);
  return {
    ca: cluster.pem,
    apiserver:
      options.servingNames &&
      leaf({
        name: 'apiserver',
        subject: { commonName: 'kube-apiserver', organizations: [] },
        purpose: ['serverAuth'],
        alternativeNames: options.servingNames,
      }),
    apiserverKubeletClient: leaf({
      name: 'apiserver-kubelet-client',
      subject: { commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] },
      purpose: ['clientAuth'],
    }),
    frontProxyCa: frontProxy.pem,
    frontProxyClient: ensureLeaf(
      directory,
      {
        name: 'front-proxy-client',
        subject: { commonName: 'front-proxy-client', organizations: [] },
        purpose: ['clientAuth'],
      },
      frontProxy,
      options,
    ),
    serviceAccount: ensureServiceAccountKeys(directory),
    admin: leaf({
      name: 'admin',
      subject: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
      purpose: ['clientAuth'],
    }),
  };
}

function ensureServiceAccountKeys(directory: PkiDirectory): Pki['serviceAccount'] {
  const { key, pem, path } = directory.ensureKey('sa.key');
  const publicKey = publicPemOf(key);
  const existing = directory.text('sa.pub');
  if (existing === undefined) directory.putText('sa.pub', publicKey);
  else if (existing.trim() !== publicKey.trim()) {
    const publicPath = directory.pathOf('sa.pub');
    throw new PkiError(
      `${publicPath} is not the public half of ${path}: remove ${publicPath} to have it written from the key`,
    );
  }
  return { privateKey: pem, publicKey };
}
