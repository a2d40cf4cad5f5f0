import { createHash } from 'node:crypto';
import type { ResourceCatalog } from '../../api/contract.ts';
import { protobufType } from '../http/negotiation.ts';
import { encodeTyped } from '../registry/protobuf.ts';
import { type AggregatedVersion, apiGroupDiscoveryList } from './aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './documents.ts';
import { type AcceptedMediaType, type DiscoveryForm, negotiateDiscovery } from './negotiation.ts';
import { type ServedGroup, servedGroups } from './served-groups.ts';

/** A document of discovery, ready to be sent. It is shared: nobody may change the bytes. */
export interface DiscoveryDocument {
  readonly contentType: string;
  readonly bytes: Buffer;
  /**
   * With its quotes, for aggregated discovery. It goes out with `Vary: Accept` and `Cache-Control: public`, and a request
   * whose `If-None-Match` is exactly this is answered with 304.
   */
  readonly etag?: string;
}

export interface DiscoveryOptions {
  /** `HOST:PORT` at which clients reach the server. Asked for anew whenever the catalog changes. */
  readonly serverAddress: () => string;
}

/** What every document says of itself; those of the oldest kinds leave their version out, which is v1. */
interface Typed {
  readonly kind: string;
  readonly apiVersion?: string;
}

function encode(document: Typed, isProtobuf: boolean): DiscoveryDocument {
  if (isProtobuf) return { contentType: protobufType, bytes: encodeTyped({ apiVersion: 'v1', ...document }) };
  return { contentType: 'application/json', bytes: Buffer.from(`${JSON.stringify(document)}\n`) };
}

function encodeAggregated(
  groups: readonly ServedGroup[],
  version: AggregatedVersion,
  isProtobuf: boolean,
): DiscoveryDocument {
  const { bytes, contentType } = encode(apiGroupDiscoveryList(groups, version), isProtobuf);
  return {
    contentType: `${contentType};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    bytes,
    etag: `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"`,
  };
}

/** Answers `/api`, `/apis` and what is below them, down to the lists of resources. Each document is made once per catalog. */
export class Discovery {
  readonly #catalog: ResourceCatalog;
  readonly #serverAddress: () => string;
  #generation = -1;
  #groups: readonly ServedGroup[] = [];
  /** By path and form. Bounded by the groups and versions that are served: other paths have no document. */
  readonly #documents = new Map<string, DiscoveryDocument>();

  constructor(catalog: ResourceCatalog, { serverAddress }: DiscoveryOptions) {
    this.#catalog = catalog;
    this.#serverAddress = serverAddress;
  }

  /**
   * The document at `path`, in the form that `accept` prefers; undefined when nothing is served there. Throws a
   * StatusError (406) when no accepted form can be served.
   */
  serve(path: string, accept: readonly AcceptedMediaType[]): DiscoveryDocument | undefined {
    this.#refresh();
    const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
    const isRoot = trimmed === '/api' || trimmed === '/apis';
    const form = negotiateDiscovery(accept, isRoot);
    const key = `${form.shape} ${form.isProtobuf} ${trimmed}`;
    const known = this.#documents.get(key);
    if (known !== undefined) return known;
    const document = this.#make(trimmed, form);
    if (document !== undefined) this.#documents.set(key, document);
    return document;
  }

  /** The paths of all documents, as `/` lists them. */
  paths(): string[] {
    this.#refresh();
    const paths = ['/api', '/apis', '/apis/'];
    for (const { group, versions } of this.#groups) {
      const path = group === '' ? '/api' : `/apis/${group}`;
      paths.push(path, ...versions.map(({ version }) => `${path}/${version}`));
    }
    return paths;
  }

  #refresh(): void {
    if (this.#generation === this.#catalog.generation) return;
    this.#generation = this.#catalog.generation;
    this.#groups = servedGroups(this.#catalog);
    this.#documents.clear();
  }

  #make(path: string, form: DiscoveryForm): DiscoveryDocument | undefined {
    const [root, prefix, ...rest] = path.split('/');
    if (root !== '') return undefined;
    if (prefix === 'api') return this.#makeCore(rest, form);
    if (prefix === 'apis') return this.#makeNamed(rest, form);
    return undefined;
  }

  #makeCore([version, ...rest]: readonly string[], form: DiscoveryForm): DiscoveryDocument | undefined {
    const { shape, isProtobuf } = form;
    const core = this.#groups.find(({ group }) => group === '');
    if (version === undefined) {
      if (shape !== 'plain') return encodeAggregated(core === undefined ? [] : [core], shape, isProtobuf);
      return encode(apiVersions(core, this.#serverAddress()), isProtobuf);
    }
    return rest.length > 0 ? undefined : resourceListOf(core, version, isProtobuf);
  }

  #makeNamed([group, version, ...rest]: readonly string[], form: DiscoveryForm): DiscoveryDocument | undefined {
    const named = this.#groups.filter((served) => served.group !== '');
    const { shape, isProtobuf } = form;
    if (group === undefined) {
      return shape === 'plain' ? encode(apiGroupList(named), isProtobuf) : encodeAggregated(named, shape, isProtobuf);
    }
    const served = named.find((one) => one.group === group);
    if (served === undefined || rest.length > 0) return undefined;
    return version === undefined ? encode(apiGroup(served), isProtobuf) : resourceListOf(served, version, isProtobuf);
  }
}

function resourceListOf(
  group: ServedGroup | undefined,
  version: string,
  isProtobuf: boolean,
): DiscoveryDocument | undefined {
  const served = group?.versions.find((one) => one.version === version);
  return served === undefined ? undefined : encode(apiResourceList(served), isProtobuf);
}
