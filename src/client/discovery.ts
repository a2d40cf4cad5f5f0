import type { APIGroupDiscoveryList, APIVersionDiscovery } from '../api/types/apidiscovery.v2.ts';
import type { APIGroupList, APIResourceList, APIVersions } from '../api/types/meta.v1.ts';
import type { RestClient } from './rest.ts';

/** A resource that a server serves, in one version. */
export interface ServedResource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',');

/**
 * All that a server serves, subresources apart: groups in the server's order, each one's preferred version first. Asks
 * for everything at once (KEP-3352) and, of a server that knows that not, version by version.
 */
export async function discover(client: RestClient): Promise<ServedResource[]> {
  const accept = `${aggregated},application/json`;
  const [core, groups] = await Promise.all([
    client.get<APIGroupDiscoveryList | APIVersions>('/api', { accept }),
    client.get<APIGroupDiscoveryList | APIGroupList>('/apis', { accept }),
  ]);
  const lists = await Promise.all([
    isAggregated(core) ? fromAggregated(core) : fromVersions(client, '', (core as APIVersions).versions ?? []),
    isAggregated(groups) ? fromAggregated(groups) : fromGroups(client, groups as APIGroupList),
  ]);
  return lists.flat();
}

function isAggregated(answer: object): answer is APIGroupDiscoveryList {
  return 'kind' in answer && answer.kind === 'APIGroupDiscoveryList';
}

function fromAggregated({ items }: APIGroupDiscoveryList): ServedResource[] {
  return items.flatMap(({ metadata: { name: group = '' }, versions = [] }) =>
    versions.flatMap((version) => fromVersion(group, version)),
  );
}

function fromVersion(group: string, { version, resources = [] }: APIVersionDiscovery): ServedResource[] {
  return resources
    .filter(({ responseKind }) => responseKind !== undefined)
    .map((resource) => ({
      group,
      version,
      plural: resource.resource,
      singular: resource.singularResource,
      kind: resource.responseKind?.kind ?? '',
      shortNames: resource.shortNames ?? [],
      categories: resource.categories ?? [],
      namespaced: resource.scope === 'Namespaced',
      verbs: resource.verbs ?? [],
    }));
}

async function fromGroups(client: RestClient, { groups }: APIGroupList): Promise<ServedResource[]> {
  const lists = (groups ?? []).map(({ name, versions, preferredVersion }) => {
    const names = (versions ?? []).map(({ version }) => version);
    const preferred = preferredVersion?.version;
    const ordered = preferred === undefined ? names : [preferred, ...names.filter((one) => one !== preferred)];
    return fromVersions(client, name, ordered);
  });
  return (await Promise.all(lists)).flat();
}

async function fromVersions(client: RestClient, group: string, versions: readonly string[]): Promise<ServedResource[]> {
  const lists = versions.map(async (version) => {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const { resources } = await client.get<APIResourceList>(path);
    return (resources ?? [])
      .filter(({ name }) => !name.includes('/'))
      .map((resource) => ({
        group,
        version,
        plural: resource.name,
        // Old servers leave it to the client.
        singular: resource.singularName === '' ? resource.kind.toLowerCase() : resource.singularName,
        kind: resource.kind,
        shortNames: resource.shortNames ?? [],
        categories: resource.categories ?? [],
        namespaced: resource.namespaced,
        verbs: resource.verbs ?? [],
      }));
  });
  return (await Promise.all(lists)).flat();
}
