/** Where a webhook is, and who the server is to it: a kubeconfig file, as upstream's `--*-webhook-config-file` flags take it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseYaml } from '../../api/schema/yaml.ts';
import { SetupError } from '../setup-error.ts';

export interface WebhookEndpoint {
  readonly url: URL;
  /** PEM of whom to trust; undefined: the machine's own authorities. */
  readonly ca: string | undefined;
  /** The name that the certificate must bear when it is not the URL's. */
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
  /** PEM. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** The value of the Authorization header, of now: a token in a file is read each time. */
  authorization(): string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const maxDepth = 20;

/** Reads a kubeconfig file and what it names. Throws SetupError that says what is wrong with it. */
export function readWebhookConfig(path: string, flag: string): WebhookEndpoint {
  const reader = new ConfigReader(path, flag);
  const config = reader.config();
  const contextName = text(config, 'current-context');
  const contexts = named(config, 'contexts', 'context');
  const clusters = named(config, 'clusters', 'cluster');
  // A file with one cluster and no context is clear enough.
  const context = contexts.get(contextName) ?? (contextName === '' ? {} : reader.refuse(`no context ${contextName}`));
  const [onlyCluster] = clusters.size === 1 ? clusters.values() : [];
  const clusterName = text(context, 'cluster');
  const cluster = clusterName === '' ? onlyCluster : clusters.get(clusterName);
  if (cluster === undefined) return reader.refuse(`no cluster ${JSON.stringify(clusterName)}`);
  const users = named(config, 'users', 'user');
  const userName = text(context, 'user');
  const user = users.get(userName) ?? (userName === '' ? {} : reader.refuse(`no user ${JSON.stringify(userName)}`));
  for (const plugin of ['exec', 'auth-provider']) {
    if (user[plugin] !== undefined) reader.refuse(`users with ${plugin} are not implemented`);
  }
  const server = text(cluster, 'server');
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return reader.refuse(`the server ${JSON.stringify(server)} is no http or https URL`);
  }
  const certificate = reader.data(user, 'client-certificate');
  const key = reader.data(user, 'client-key');
  if ((certificate === undefined) !== (key === undefined)) {
    reader.refuse('client-certificate and client-key go together');
  }
  return {
    url,
    ca: reader.data(cluster, 'certificate-authority'),
    serverName: text(cluster, 'tls-server-name') || undefined,
    insecureSkipVerify: cluster['insecure-skip-tls-verify'] === true,
    certificate,
    key,
    authorization: authorizationOf(user, (file) => reader.fileText(file)),
  };
}

function authorizationOf(user: Fields, read: (path: string) => string): () => string | undefined {
  const [token, tokenFile] = [text(user, 'token'), text(user, 'tokenFile')];
  const [username, password] = [text(user, 'username'), text(user, 'password')];
  if (tokenFile !== '') {
    read(tokenFile);
    return () => `Bearer ${read(tokenFile).trim()}`;
  }
  if (token !== '') return () => `Bearer ${token}`;
  if (username === '') return () => undefined;
  return () => `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

class ConfigReader {
  readonly #path: string;
  readonly #flag: string;

  constructor(path: string, flag: string) {
    this.#path = path;
    this.#flag = flag;
  }

  refuse(problem: string, cause?: unknown): never {
    throw new SetupError(
      `${this.#path}, named by ${this.#flag}, is of no use: ${problem}`,
      cause === undefined ? undefined : { cause },
    );
  }

  config(): Fields {
    let value: unknown;
    try {
      value = parseYaml(readFileSync(this.#path), { depth: maxDepth }).value;
    } catch (error) {
      this.refuse(error instanceof Error ? error.message : String(error), error);
    }
    return isFields(value) ? value : this.refuse('it is no kubeconfig');
  }

  /** `NAME-data` in base64, or the content of the file `NAME`; undefined when neither is given. */
  data(of: Fields, name: string): string | undefined {
    const inline = text(of, `${name}-data`);
    if (inline !== '') return Buffer.from(inline, 'base64').toString('utf8');
    const file = text(of, name);
    return file === '' ? undefined : this.fileText(file);
  }

  /** Paths are relative to the kubeconfig. */
  fileText(file: string): string {
    try {
      return readFileSync(resolve(dirname(this.#path), file), 'utf8');
    } catch (error) {
      return this.refuse(error instanceof Error ? error.message : String(error), error);
    }
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** A list of `{name, KIND: {...}}` by name. */
function named(config: Fields, list: string, kind: string): ReadonlyMap<string, Fields> {
  const items = config[list];
  const entries = new Map<string, Fields>();
  for (const item of Array.isArray(items) ? (items as readonly unknown[]) : []) {
    if (isFields(item)) entries.set(text(item, 'name'), isFields(item[kind]) ? item[kind] : {});
  }
  return entries;
}
