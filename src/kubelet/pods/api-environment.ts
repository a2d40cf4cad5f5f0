import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { configMaps, secrets, services } from '../../client/resources.ts';
import { hasReason } from '../../client/retry-on-conflict.ts';
import { ContainerConfigError, type ContainerEnvironment, type EnvironmentSource } from './configs.ts';
import { podField, resourceField, type NodeFacts } from './downward.ts';
import { expand } from './expansion.ts';
import { serviceVariables } from './service-variables.ts';

type Source = { readonly kind: 'configmap' | 'secret'; readonly values: ReadonlyMap<string, string> };

/** The environment of containers, from what the API server has: ConfigMaps, Secrets, Services, the Pod itself. */
export class ApiEnvironment implements EnvironmentSource {
  readonly #client: Client;
  readonly #node: NodeFacts;

  /** @param client In the name of the node: it may read what its Pods refer to. */
  constructor(client: Client, node: NodeFacts) {
    this.#client = client;
    this.#node = node;
  }

  async prepare(
    pod: Pod,
    container: Container,
    podIPs: readonly string[],
    signal: AbortSignal,
  ): Promise<ContainerEnvironment> {
    refuseMissing(pod, container);
    const sources = new Map<string, Source | undefined>();
    const result = new Map<string, string>();
    const variables = await this.#serviceVariables(pod, signal);
    for (const from of container.envFrom ?? []) {
      const [reference, kind] =
        from.configMapRef === undefined
          ? ([from.secretRef, 'secret'] as const)
          : ([from.configMapRef, 'configmap'] as const);
      if (reference === undefined) continue;
      const { name = '', optional = false } = reference;
      const source = await this.#source(pod, kind, name, optional, sources, signal);
      for (const [key, value] of source?.values ?? []) result.set(`${from.prefix ?? ''}${key}`, value);
    }
    for (const variable of container.env ?? []) {
      const known = new Map([...variables, ...result]);
      const value = await this.#valueOf(pod, container, variable, podIPs, known, sources, signal);
      if (value !== undefined) result.set(variable.name, value);
    }
    // What is said of a container goes before what every container is told.
    const envs = [...new Map([...variables, ...result])].map(([key, value]) => ({ key, value }));
    return { envs, mounts: [] };
  }

  async #serviceVariables({ metadata, spec }: Pod, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { namespace = '' } = metadata;
    const wanted = spec.enableServiceLinks === false ? ['default'] : [...new Set(['default', namespace])];
    const lists = await Promise.all(wanted.map((one) => this.#client.list<Service>(services, one, { signal })));
    const visible = lists
      .flatMap(({ items }) => items)
      .filter(
        ({ metadata: { name, namespace: of } }) =>
          (of === 'default' && name === 'kubernetes') || (spec.enableServiceLinks !== false && of === namespace),
      );
    return serviceVariables(visible);
  }

  async #valueOf(
    pod: Pod,
    container: Container,
    { value, valueFrom }: EnvVar,
    podIPs: readonly string[],
    known: ReadonlyMap<string, string>,
    sources: Map<string, Source | undefined>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (valueFrom === undefined) return expand(value ?? '', known);
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    if (fieldRef !== undefined) return podField(pod, fieldRef.fieldPath, podIPs, this.#node);
    if (resourceFieldRef !== undefined) return resourceField(pod, container, resourceFieldRef, this.#node);
    const [reference, kind] =
      configMapKeyRef === undefined ? ([secretKeyRef, 'secret'] as const) : ([configMapKeyRef, 'configmap'] as const);
    if (reference === undefined)
      throw new ContainerConfigError('a variable names a source that is not implemented yet');
    const { name = '', key, optional = false } = reference;
    const source = await this.#source(pod, kind, name, optional, sources, signal);
    const found = source?.values.get(key);
    if (found === undefined && !optional) {
      const of = kind === 'configmap' ? 'ConfigMap' : 'Secret';
      throw new ContainerConfigError(`couldn't find key ${key} in ${of} ${pod.metadata.namespace ?? ''}/${name}`);
    }
    return found;
  }

  /** Undefined: it is not there, and need not be. */
  async #source(
    { metadata: { namespace = '' } }: Pod,
    kind: Source['kind'],
    name: string,
    isOptional: boolean,
    known: Map<string, Source | undefined>,
    signal: AbortSignal,
  ): Promise<Source | undefined> {
    const key = `${kind}/${name}`;
    if (known.has(key)) return known.get(key);
    let source: Source | undefined;
    try {
      source = await this.#read(kind, namespace, name, signal);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      if (!isOptional) throw new ContainerConfigError(`${kind} "${name}" not found`);
    }
    known.set(key, source);
    return source;
  }

  async #read(kind: Source['kind'], namespace: string, name: string, signal: AbortSignal): Promise<Source> {
    if (kind === 'configmap') {
      const { data }: ConfigMap = await this.#client.get(configMaps, namespace, name, signal);
      return { kind, values: new Map(Object.entries(data ?? {})) };
    }
    const { data }: Secret = await this.#client.get(secrets, namespace, name, signal);
    const decoded = Object.entries(data ?? {}).map(
      ([key, value]) => [key, Buffer.from(value ?? '', 'base64').toString('utf8')] as const,
    );
    return { kind, values: new Map(decoded) };
  }
}

function isSet(value: object | undefined): boolean {
  return value !== undefined && Object.keys(value).length > 0;
}

/** What would be passed over silently: a container must not run with less protection than it asks for. */
function refuseMissing({ spec }: Pod, { volumeMounts, volumeDevices, securityContext, resources }: Container): void {
  const missing = [
    ...(isSet(volumeMounts) || isSet(volumeDevices) ? ['volumes'] : []),
    ...(isSet(securityContext) || isSet(spec.securityContext) ? ['security contexts'] : []),
    ...(isSet(resources?.limits) ? ['resource limits'] : []),
  ];
  if (missing.length > 0) throw new ContainerConfigError(`not implemented yet on real nodes: ${missing.join(', ')}`);
}
