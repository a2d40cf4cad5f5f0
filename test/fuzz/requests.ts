import * as fc from 'fast-check';
import { arbitraryObject } from '../../src/api/schema/arbitrary.ts';
import type { ResourceDefinition } from '../../src/api/contract.ts';
import type { Random } from '../../src/machinery/random.ts';
import { sampleObject } from '../integration/objects.ts';
import type { WireRequest } from '../support/wire.ts';
import { Chooser } from './choose.ts';
import { mutate, randomString, randomValue, textOf } from './json.ts';
import { protobuf, randomProtobuf } from './protobuf.ts';
import { randomJsonPatch, randomMergePatch, randomStrategicPatch } from './patches.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'FOO', 'get'];
const names = [
  'a',
  'b',
  'c',
  'kubernetes',
  'default',
  'a%20b',
  '..',
  '%2e%2e',
  '%00',
  '%ff',
  '%',
  'A_',
  'x'.repeat(300),
  'a:b',
  '__proto__',
  'constructor',
];
/** Few, so that requests meet the objects of others. */
const objectNames = ['a', 'a', 'a', 'b'];
const namespaces = ['default', 'default', 'default', 'default', 'default', 'kube-system', 'none', 'a%2Fb', ''];
const segments = [
  'api',
  'apis',
  'v1',
  'v2',
  'apps',
  'namespaces',
  'default',
  'pods',
  'deployments',
  'a',
  'status',
  'scale',
  'finalize',
  'binding',
  'eviction',
  'log',
  'exec',
  'proxy',
  'watch',
  'openapi',
  'v3',
  'healthz',
  'livez',
  'readyz',
  'etcd',
  'ping',
  'version',
  'metrics',
  'logs',
  '.well-known',
  '',
  '.',
  '..',
  '%2f',
  '%',
  '%zz',
  '\u00ff',
  '*',
  ';',
  '__proto__',
  'constructor',
];
const accepts = [
  'application/json',
  'application/yaml',
  '*/*',
  '',
  'text/html',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf,application/json',
  'application/vnd.kubernetes.protobuf;stream=watch',
  'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=Nothing;v=v9;g=x',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;q=0',
  ';;;,,,=',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
];
const contentTypes = [
  'application/json',
  'application/yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  'application/json; charset=utf-8',
  '',
  ';;',
];
const selectors = [
  'a=b',
  'a!=b',
  'a in (b,c)',
  '!a',
  'a',
  'a notin ()',
  '=',
  ',',
  'metadata.name=a',
  'metadata.namespace!=default',
  'spec.nodeName=',
  'status.phase=Running',
  'x.y=z',
  'a==b,c',
  'a>1',
  '(((',
  '\u0000',
  'a=\\',
  '%',
];
const versions = ['', '0', '1', '5', '-1', 'x', '1.5', '999999999999999999999', '007'];
const continues = [
  '',
  'x',
  'e30',
  'bnVsbA',
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0',
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiLi4vLi4vYSJ9',
  '5',
];
const subresources = [
  'status',
  'scale',
  'binding',
  'eviction',
  'ephemeralcontainers',
  'resize',
  'approval',
  'finalize',
  'token',
  'log',
  'exec',
  'proxy',
  'x',
];

/** By name, what a query may give it besides nonsense. A version from the future is waited for: few ask for one. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  labelSelector: selectors,
  fieldSelector: selectors,
  limit: ['0', '1', '2', '500', '-1', 'x', '1e3', '99999999999999999999'],
  continue: continues,
  resourceVersion: versions,
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'x', ''],
  timeoutSeconds: ['0', '1', '-1', 'x'],
  allowWatchBookmarks: ['true', 'false', 'x', ''],
  sendInitialEvents: ['true', 'false', 'x', ''],
  dryRun: ['All', 'x', ''],
  fieldManager: ['me', 'x'.repeat(200), '\u0000', ''],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'x', ''],
  force: ['true', 'x'],
  gracePeriodSeconds: ['0', '1', '-1', 'x', '99999999999999999999'],
  propagationPolicy: ['Background', 'Foreground', 'Orphan', 'x', ''],
  orphanDependents: ['true', 'false', 'x'],
  pretty: ['true', 'false', '1', '0', 'x', ''],
  includeObject: ['None', 'Metadata', 'Object', 'x', ''],
  history: ['true', '', 'x'],
  at: ['1', '0', '5', '10m', '1s', '0s', '99999h', '2026-01-02T15:04:05Z', 'x', '-1', '', '1e5'],
  verbose: ['', 'true'],
  exclude: ['etcd', 'x', ''],
};

/** Draws requests: a few are nonsense from the start, most are nearly right. The same seed draws the same ones. */
export class RequestGenerator {
  readonly #choose: Chooser;
  readonly #definitions: readonly ResourceDefinition[];

  constructor(random: Random, definitions: readonly ResourceDefinition[]) {
    this.#choose = new Chooser(random);
    this.#definitions = definitions;
  }

  next(): WireRequest {
    const choose = this.#choose;
    const kind = choose.int(100);
    if (kind < 8) return this.#nonsense();
    const definition = choose.pick(this.#definitions);
    if (kind < 16) return this.#randomBody(definition);
    if (kind < 42) return this.#create(definition);
    if (kind < 54) return this.#update(definition);
    if (kind < 70) return this.#patch(definition);
    if (kind < 74) return this.#apply(definition);
    if (kind < 79) return this.#delete(definition);
    return this.#read(definition);
  }

  /** Any method on any path. */
  #nonsense(): WireRequest {
    const choose = this.#choose;
    const path = `/${choose.times(9, () => choose.pick(segments)).join('/')}`;
    const method = choose.pick(methods);
    const body = method === 'GET' || method === 'HEAD' || choose.chance(0.5) ? undefined : choose.bytes(200);
    return this.#request(
      method,
      path,
      body,
      choose.pick(contentTypes),
      choose.times(5, () => choose.pick(Object.keys(parameters))),
    );
  }

  #randomBody(definition: ResourceDefinition): WireRequest {
    const choose = this.#choose;
    const method = choose.pick(['POST', 'PUT', 'PATCH', 'DELETE']);
    const body = choose.chance(0.5) ? choose.bytes(2000) : textOf(choose, randomValue(choose));
    return this.#request(method, this.#path(definition, method !== 'POST'), body, choose.pick(contentTypes));
  }

  #create(definition: ResourceDefinition): WireRequest {
    const choose = this.#choose;
    const object = this.#object(definition);
    if (choose.chance(0.15)) {
      const bytes = randomProtobuf(choose, definition, object);
      return this.#request('POST', this.#path(definition, false), bytes, protobuf, ['dryRun', 'fieldValidation']);
    }
    if (choose.chance(0.5)) mutate(choose, object);
    const body = textOf(choose, object);
    const type = choose.chance(0.1) ? 'application/yaml' : 'application/json';
    return this.#request('POST', this.#path(definition, false), body, type, ['dryRun', 'fieldValidation', 'pretty']);
  }

  #update(definition: ResourceDefinition): WireRequest {
    const choose = this.#choose;
    const object = this.#object(definition);
    const path = this.#path(definition, true) + this.#subresource(definition);
    if (choose.chance(0.15)) {
      return this.#request('PUT', path, randomProtobuf(choose, definition, object), protobuf, ['dryRun']);
    }
    if (choose.chance(0.5)) mutate(choose, object);
    return this.#request('PUT', path, textOf(choose, object), 'application/json', ['dryRun', 'fieldValidation']);
  }

  #patch(definition: ResourceDefinition): WireRequest {
    const choose = this.#choose;
    const object = this.#object(definition);
    const path = this.#path(definition, true) + this.#subresource(definition);
    const [type, patch] = choose.pick([
      () => ['application/json-patch+json', randomJsonPatch(choose)] as const,
      () => ['application/merge-patch+json', randomMergePatch(choose, object)] as const,
      () => ['application/strategic-merge-patch+json', randomStrategicPatch(choose, object)] as const,
    ])();
    return this.#request('PATCH', path, textOf(choose, patch), type, ['dryRun', 'fieldValidation', 'force']);
  }

  #apply(definition: ResourceDefinition): WireRequest {
    const choose = this.#choose;
    const object = this.#object(definition);
    if (choose.chance(0.5)) mutate(choose, object);
    const path = this.#path(definition, true) + this.#subresource(definition);
    const type = 'application/apply-patch+yaml';
    const request = this.#request('PATCH', path, textOf(choose, object), type, ['dryRun', 'fieldValidation', 'force']);
    const manager = `fieldManager=${choose.pick(['one', 'two', 'kubectl', '%F0%9F%98%80'])}`;
    return { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}${manager}` };
  }

  #delete(definition: ResourceDefinition): WireRequest {
    const choose = this.#choose;
    const isCollection = choose.chance(0.05);
    const options = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Background',
      preconditions: {},
    };
    mutate(choose, options);
    const body = choose.chance(0.5) ? undefined : textOf(choose, options);
    const queries = [
      'gracePeriodSeconds',
      'propagationPolicy',
      'dryRun',
      ...(isCollection ? ['labelSelector', 'fieldSelector', 'limit'] : []),
    ];
    return this.#request('DELETE', this.#path(definition, !isCollection), body, 'application/json', queries);
  }

  #read(definition: ResourceDefinition): WireRequest {
    const choose = this.#choose;
    const path = this.#path(definition, choose.chance(0.5)) + (choose.chance(0.2) ? this.#subresource(definition) : '');
    const isWatch = choose.chance(0.1);
    const method = choose.chance(0.05) ? 'HEAD' : 'GET';
    const request = this.#request(method, path, undefined, '', Object.keys(parameters));
    if (!isWatch) return request;
    return { ...request, path: `${request.path}${request.path.includes('?') ? '&' : '?'}watch=1` };
  }

  #object(definition: ResourceDefinition): Record<string, unknown> {
    const choose = this.#choose;
    const { group, version } = definition;
    const name = choose.pick(objectNames);
    const sample = sampleObject(definition, name, 'default');
    if (sample !== undefined && choose.chance(0.5)) return sample as Record<string, unknown>;
    const [object = {}] = fc.sample(arbitraryObject(definition.schema), { numRuns: 1, seed: choose.int(2 ** 31) });
    const metadata = choose.chance(0.8)
      ? { name, ...(choose.chance(0.3) ? { labels: { a: 'b' } } : {}) }
      : object['metadata'];
    return { ...object, apiVersion: group === '' ? version : `${group}/${version}`, kind: definition.kind, metadata };
  }

  #path(definition: ResourceDefinition, withName: boolean): string {
    const choose = this.#choose;
    const { group, version, plural, namespaced } = definition;
    const parts = group === '' ? ['/api', version] : ['/apis', group, version];
    if (namespaced ? choose.chance(0.95) : choose.chance(0.02)) parts.push('namespaces', choose.pick(namespaces));
    parts.push(plural);
    if (withName) parts.push(choose.chance(0.9) ? choose.pick(objectNames) : choose.pick(names));
    return parts.join('/');
  }

  #subresource(definition: ResourceDefinition): string {
    const choose = this.#choose;
    const own = Object.keys(definition.subresources);
    if (choose.chance(0.6)) return '';
    return `/${own.length > 0 && choose.chance(0.8) ? choose.pick(own) : choose.pick(subresources)}`;
  }

  #request(
    method: string,
    path: string,
    body: Buffer | undefined,
    type: string,
    queries: readonly string[] = [],
  ): WireRequest {
    const choose = this.#choose;
    const query = new URLSearchParams();
    for (const name of queries) {
      if (!choose.chance(queries.length > 8 ? 0.1 : 0.15)) continue;
      query.append(name, choose.chance(0.9) ? choose.pick(parameters[name] ?? ['']) : randomString(choose));
    }
    const headers: Record<string, string> = { 'user-agent': choose.pick(['fuzz', 'curl/8', 'Mozilla/5.0', '']) };
    headers['accept'] = choose.chance(0.85) ? 'application/json' : choose.pick(accepts);
    if (body !== undefined) headers['content-type'] = choose.chance(0.95) ? type : choose.pick(contentTypes);
    if (choose.chance(0.1)) headers['accept-encoding'] = choose.pick(['gzip', 'gzip;q=0', '*', 'br']);
    if (choose.chance(0.02)) headers['impersonate-user'] = 'jane';
    if (choose.chance(0.02)) headers['audit-id'] = choose.pick(['x', 'x'.repeat(100), '%']);
    if (choose.chance(0.02))
      headers['traceparent'] = choose.pick(['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'x']);
    if (choose.chance(0.02)) headers['kubets-cause-revision'] = choose.pick(['5', 'x', '-1']);
    const text = query.toString();
    return { method, path: text === '' ? path : `${path}?${text}`, headers, body };
  }
}
