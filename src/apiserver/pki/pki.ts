/**
 * The certificates and keys of a control plane, in kubeadm's files
 * (https://kubernetes.io/docs/setup/best-practices/certificates/): what is missing is made, what is there is checked and
 * used.
 */
import { mkdir } from 'node:fs/promises';
import { replaceFile } from '../../machinery/atomic-file.ts';
import { ensureAuthority } from './authority.ts';
import type { Authority, PkiContext } from './authority.ts';
import { ensureLeaf } from './leaf.ts';
import type { KeyPair, LeafRequest } from './leaf.ts';
import { ensureKey, PkiError, publicMode, publicPemOf, readText } from './pem-files.ts';

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

const clusterLeaves = {
  apiserverKubeletClient: {
    name: 'apiserver-kubelet-client',
    subject: { commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] },
    purpose: ['clientAuth'],
  },
  admin: {
    name: 'admin',
    subject: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
    purpose: ['clientAuth'],
  },
} as const satisfies Record<string, LeafRequest>;

const frontProxyClient: LeafRequest = {
  name: 'front-proxy-client',
  subject: { commonName: 'front-proxy-client', organizations: [] },
  purpose: ['clientAuth'],
};

/** Rejects with PkiError (a file is wrong) or with the file system's error (a directory cannot be made or written). */
export async function ensurePki(options: PkiOptions): Promise<Pki> {
  const { directory } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const servingLeaf: LeafRequest | undefined = options.servingNames && {
    name: 'apiserver',
    subject: { commonName: 'kube-apiserver', organizations: [] },
    purpose: ['serverAuth'],
    alternativeNames: options.servingNames,
  };
  const clusterRequests = [...Object.values(clusterLeaves), ...(servingLeaf === undefined ? [] : [servingLeaf])];
  const [cluster, frontProxy, serviceAccount] = await Promise.all([
    underAuthority(options, 'ca', 'kubernetes', clusterRequests),
    underAuthority(options, 'front-proxy-ca', 'front-proxy-ca', [frontProxyClient]),
    ensureServiceAccountKeys(directory),
  ]);
  return {
    ca: cluster.authority.pem,
    apiserver: servingLeaf && cluster.leaf(servingLeaf),
    apiserverKubeletClient: cluster.leaf(clusterLeaves.apiserverKubeletClient),
    frontProxyCa: frontProxy.authority.pem,
    frontProxyClient: frontProxy.leaf(frontProxyClient),
    serviceAccount,
    admin: cluster.leaf(clusterLeaves.admin),
  };
}

async function underAuthority(
  options: PkiOptions,
  name: string,
  commonName: string,
  requests: readonly LeafRequest[],
): Promise<{ authority: Authority; leaf(request: LeafRequest): KeyPair }> {
  const authority = await ensureAuthority(options.directory, name, commonName, options);
  const pairs = await Promise.all(
    requests.map((request) => ensureLeaf(options.directory, request, authority, options)),
  );
  return {
    authority,
    leaf(request) {
      const pair = pairs[requests.indexOf(request)];
      if (pair === undefined) throw new Error(`no certificate ${request.name} was asked for`);
      return pair;
    },
  };
}

async function ensureServiceAccountKeys(directory: string): Promise<Pki['serviceAccount']> {
  const { key, pem, path } = await ensureKey(`${directory}/sa.key`);
  const publicPath = `${directory}/sa.pub`;
  const publicKey = publicPemOf(key);
  const existing = await readText(publicPath);
  if (existing === undefined) await replaceFile(publicPath, publicKey, publicMode);
  else if (existing.trim() !== publicKey.trim()) {
    throw new PkiError(
      `${publicPath} is not the public half of ${path}: remove ${publicPath} to have it written from the key`,
    );
  }
  return { privateKey: pem, publicKey };
}
