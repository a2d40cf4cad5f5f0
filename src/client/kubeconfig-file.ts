import { dirname, resolve } from 'node:path';
import { ClientConfigError } from './client-config.ts';

/** `clientcmd/v1 Cluster`, as far as it is used. */
export interface KubeconfigCluster {
  readonly server?: string;
  readonly 'tls-server-name'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'proxy-url'?: string;
}

/** `clientcmd/v1 AuthInfo`, as far as it is used. */
export interface KubeconfigUser {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
  readonly username?: string;
  readonly password?: string;
  readonly 'auth-provider'?: object;
  readonly exec?: object;
}

export interface KubeconfigContext {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** One kubeconfig file, or several merged. Its lists are kept by name. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
}

type Fields = Readonly<Record<string, unknown>>;
type FieldType = 'string' | 'boolean' | 'strings' | 'object';

const clusterFields: Readonly<Record<string, FieldType>> = {
  server: 'string',
  'tls-server-name': 'string',
  'insecure-skip-tls-verify': 'boolean',
  'certificate-authority': 'string',
  'certificate-authority-data': 'string',
  'proxy-url': 'string',
};
const userFields: Readonly<Record<string, FieldType>> = {
  'client-certificate': 'string',
  'client-certificate-data': 'string',
  'client-key': 'string',
  'client-key-data': 'string',
  token: 'string',
  tokenFile: 'string',
  as: 'string',
  'as-uid': 'string',
  'as-groups': 'strings',
  'as-user-extra': 'object',
  username: 'string',
  password: 'string',
  'auth-provider': 'object',
  exec: 'object',
};
const contextFields: Readonly<Record<string, FieldType>> = { cluster: 'string', user: 'string', namespace: 'string' };

/** Fields that name files, relative to the kubeconfig that names them. */
const pathFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

/** Deeper nesting than a configuration needs. */
const maxDepth = 100;

/** Reads one kubeconfig (YAML or JSON). `path` stands in errors and is what its relative paths are relative to. */
export async function parseKubeconfig(bytes: Buffer, path: string): Promise<Kubeconfig> {
  const refuse = (what: string, cause?: unknown): ClientConfigError =>
    new ClientConfigError(`error loading config file ${JSON.stringify(path)}: ${what}`, { cause });
  let value: unknown;
  try {
    // Loaded only by those who read a kubeconfig; a component is given its configuration.
    const { parseYaml } = await import('../api/schema/yaml.ts');
    ({ value } = parseYaml(bytes, { depth: maxDepth }));
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error);
  }
  // An empty file is an empty configuration.
  const config = value === null ? {} : value;
  if (!isFields(config)) throw refuse('it is not a kubeconfig: a mapping is expected');
  const { kind = 'Config', apiVersion = 'v1', 'current-context': currentContext = '' } = config;
  if ((kind !== 'Config' && kind !== '') || (apiVersion !== 'v1' && apiVersion !== '')) {
    throw refuse(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  }
  if (typeof currentContext !== 'string') throw refuse('current-context must be a string');
  const read = (list: string, item: string, types: Readonly<Record<string, FieldType>>): Map<string, Fields> =>
    readNamed(config[list], list, item, types, dirname(resolve(path)), refuse);
  return {
    currentContext,
    clusters: read('clusters', 'cluster', clusterFields),
    users: read('users', 'user', userFields),
    contexts: read('contexts', 'context', contextFields),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list such as `[{ name: x, cluster: {…} }]`, by name. */
function readNamed(
  value: unknown,
  list: string,
  item: string,
  types: Readonly<Record<string, FieldType>>,
  directory: string,
  refuse: (what: string) => Error,
): Map<string, Fields> {
  const found = new Map<string, Fields>();
  if (value === undefined || value === null) return found;
  if (!Array.isArray(value)) throw refuse(`${list} must be a list`);
  for (const [index, entry] of value.entries()) {
    const { name, [item]: content } = isFields(entry) ? entry : {};
    if (typeof name !== 'string') throw refuse(`${list}[${index}] must have a name`);
    if (found.has(name)) throw refuse(`duplicate name ${JSON.stringify(name)} in list ${list}`);
    if (content !== undefined && content !== null && !isFields(content)) {
      throw refuse(`${list}[${index}].${item} must be a mapping`);
    }
    found.set(name, checkFields(content ?? {}, types, `${list}[${name}].${item}`, directory, refuse));
  }
  return found;
}

/** The fields that are known, of the right types, their paths made absolute. Unknown ones are passed over. */
function checkFields(
  content: Fields,
  types: Readonly<Record<string, FieldType>>,
  where: string,
  directory: string,
  refuse: (what: string) => Error,
): Fields {
  const fields: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(types)) {
    const value = content[name];
    if (value === undefined || value === null || value === '') continue;
    if (!isOfType(value, type))
      throw refuse(`${where}.${name} must be ${type === 'strings' ? 'a list of strings' : `a ${type}`}`);
    fields[name] = typeof value === 'string' && pathFields.includes(name) ? resolve(directory, value) : value;
  }
  return fields;
}

function isOfType(value: unknown, type: FieldType): boolean {
  switch (type) {
    case 'strings':
      return Array.isArray(value) && value.every((one) => typeof one === 'string');
    case 'object':
      return isFields(value);
    case 'string':
    case 'boolean':
      return typeof value === type;
  }
}
