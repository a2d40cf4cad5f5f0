/** Makes of one context of a kubeconfig what a client needs. */
import { readFileSync } from 'node:fs';
import { isDNS1123Label } from '../machinery/names.ts';
import {
  ClientConfigError,
  type ClientConfig,
  type ClientCredentials,
  type ClientTls,
  type Impersonation,
} from './client-config.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from './kubeconfig-file.ts';

/** What an invocation may say in place of the kubeconfig. */
export interface KubeconfigOverrides {
  /** `--context` */
  readonly context?: string | undefined;
  /** `--namespace` */
  readonly namespace?: string | undefined;
}

/** The configuration of the chosen context, its files read. Throws a ClientConfigError that says all that is wrong. */
export function resolveKubeconfig(config: Kubeconfig, overrides: KubeconfigOverrides = {}): ClientConfig {
  const { currentContext, clusters, users, contexts } = config;
  if (currentContext === '' && clusters.size + users.size + contexts.size === 0) {
    throw invalid([
      'no configuration has been provided, try setting KUBECONFIG, or name a kubeconfig with --kubeconfig',
    ]);
  }
  const name = overrides.context ?? '';
  if (name !== '' && !contexts.has(name)) throw new ClientConfigError(`context ${JSON.stringify(name)} does not exist`);
  const contextName = name === '' ? currentContext : name;
  if (contextName === '') {
    throw invalid(['no context chosen: set current-context in the kubeconfig, or name one with --context']);
  }
  const context = contexts.get(contextName);
  if (context === undefined) throw invalid([`context was not found for specified context: ${contextName}`]);
  const { user: userName, cluster: clusterName } = context;
  if (userName !== undefined && !users.has(userName)) {
    throw new ClientConfigError(`auth info ${JSON.stringify(userName)} does not exist`);
  }
  if (clusterName !== undefined && !clusters.has(clusterName)) {
    throw new ClientConfigError(`cluster ${JSON.stringify(clusterName)} does not exist`);
  }
  const problems: string[] = [];
  const namespace = context.namespace ?? 'default';
  if (isDNS1123Label(namespace).length > 0) {
    problems.push(
      `namespace ${JSON.stringify(namespace)} for context ${JSON.stringify(contextName)} does not conform to the kubernetes DNS_LABEL rules`,
    );
  }
  const reader = new FileReader(problems);
  const cluster = clusters.get(clusterName ?? '') ?? {};
  const user = users.get(userName ?? '') ?? {};
  const server = serverOf(cluster, clusterName ?? '', problems);
  const tls = tlsOf(cluster, clusterName ?? '', reader);
  const credentials = credentialsOf(user, userName ?? '', reader);
  const impersonate = impersonationOf(user, userName ?? '', problems);
  if (problems.length > 0 || server === undefined) throw invalid(problems);
  return {
    server,
    namespace: overrides.namespace ?? namespace,
    tls,
    credentials,
    ...(impersonate === undefined ? {} : { impersonate }),
  };
}

function invalid(problems: readonly string[]): ClientConfigError {
  const all = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
  return new ClientConfigError(`invalid configuration: ${all}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Reads data that stands in the kubeconfig or in a file that it names; gathers what is wrong. */
class FileReader {
  readonly problems: string[];

  constructor(problems: string[]) {
    this.problems = problems;
  }

  read(data: string | undefined, path: string | undefined, field: string, owner: string): Buffer | undefined {
    if (data !== undefined) {
      const bytes = Buffer.from(data, 'base64');
      if (/[^\sA-Za-z0-9+/=]/.test(data) || bytes.length === 0) {
        this.problems.push(`${field}-data of ${owner} is not base64`);
      }
      return bytes;
    }
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      this.problems.push(`unable to read ${field} ${path} for ${owner} due to ${messageOf(error)}`);
      return undefined;
    }
  }
}

function serverOf(cluster: KubeconfigCluster, name: string, problems: string[]): URL | undefined {
  const { server } = cluster;
  if (server === undefined) {
    problems.push(
      Object.keys(cluster).length === 0
        ? 'cluster has no server defined'
        : `no server found for cluster ${JSON.stringify(name)}`,
    );
    return undefined;
  }
  if (cluster['proxy-url'] !== undefined) {
    problems.push(`proxy-url of cluster ${JSON.stringify(name)} is not implemented yet`);
  }
  // As upstream has it, a bare host and port is reached without TLS unless the configuration speaks of TLS.
  const speaksOfTls = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'].some(
    (field) => field in cluster,
  );
  const url = URL.parse(/^[a-z]+:\/\//i.test(server) ? server : `${speaksOfTls ? 'https' : 'http'}://${server}`);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    problems.push(`host must be a URL or a host:port pair: ${JSON.stringify(server)}`);
    return undefined;
  }
  return url;
}

function tlsOf(cluster: KubeconfigCluster, name: string, reader: FileReader): ClientTls {
  const ca = reader.read(
    cluster['certificate-authority-data'],
    cluster['certificate-authority'],
    'certificate-authority',
    name,
  );
  const insecureSkipVerify = cluster['insecure-skip-tls-verify'] ?? false;
  if (ca !== undefined && insecureSkipVerify) {
    reader.problems.push('specifying a root certificates file with the insecure flag is not allowed');
  }
  const serverName = cluster['tls-server-name'];
  return {
    insecureSkipVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function credentialsOf(user: KubeconfigUser, name: string, reader: FileReader): ClientCredentials {
  const { problems } = reader;
  for (const field of ['exec', 'auth-provider'] as const) {
    if (user[field] !== undefined) problems.push(`${field} of user ${JSON.stringify(name)} is not implemented yet`);
  }
  const certificate = reader.read(
    user['client-certificate-data'],
    user['client-certificate'],
    'client-certificate',
    name,
  );
  const key = reader.read(user['client-key-data'], user['client-key'], 'client-key', name);
  if (certificate !== undefined && key === undefined) {
    problems.push(
      `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
    );
  }
  const { token, tokenFile, username, password } = user;
  const isBasic = username !== undefined || password !== undefined;
  if (token !== undefined && isBasic) {
    problems.push(
      `more than one authentication method found for ${name}; found [token basicAuth], only one is allowed`,
    );
  }
  const tokenReader = tokenFile === undefined ? undefined : fileToken(tokenFile, token, reader, name);
  return {
    ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
    ...(tokenReader !== undefined ? { token: tokenReader } : token === undefined ? {} : { token: () => token }),
    ...(isBasic ? { basic: { username: username ?? '', password: password ?? '' } } : {}),
  };
}

/** A token in a file is renewed by whoever writes the file: it is read for every request, as the file is small. */
function fileToken(path: string, fallback: string | undefined, reader: FileReader, name: string): () => string {
  let last = fallback;
  const read = (): string => {
    try {
      const token = readFileSync(path, 'utf8').trim();
      if (token !== '') last = token;
    } catch (error) {
      // The last token that could be read may still be good; without any there is nobody to be.
      if (last === undefined) throw error;
    }
    return last ?? '';
  };
  try {
    read();
  } catch (error) {
    reader.problems.push(`unable to read tokenFile ${path} for ${name} due to ${messageOf(error)}`);
  }
  return read;
}

function impersonationOf(user: KubeconfigUser, name: string, problems: string[]): Impersonation | undefined {
  const { as: username, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = user;
  if (username === undefined) {
    if (uid !== undefined || groups !== undefined || extra !== undefined) {
      problems.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`);
    }
    return undefined;
  }
  return { username, groups: groups ?? [], extra: extra ?? {}, ...(uid === undefined ? {} : { uid }) };
}
