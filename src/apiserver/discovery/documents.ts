/**
 * The documents of plain discovery (`metav1.APIVersions`, `APIGroupList`, `APIGroup`, `APIResourceList`), with the fields
 * in the order in which upstream prints them.
 */
import type { ResourceDefinition } from '../../api/contract.ts';
import { type ServedGroup, type ServedVersion } from './served-groups.ts';
import { storageVersionHash } from './storage-version-hash.ts';
import { subresourceFacts } from './subresources.ts';

/** A document: what kind it is, and the rest. */
interface DiscoveryObject extends Readonly<Record<string, unknown>> {
  readonly kind: string;
  readonly apiVersion?: string;
}

/** The versions below `/api`, and where clients of any address reach the server. */
export function apiVersions(core: ServedGroup | undefined, serverAddress: string): DiscoveryObject {
  return {
    kind: 'APIVersions',
    versions: (core?.versions ?? []).map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

function groupBody({ group, versions }: ServedGroup): object {
  const named = versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: named, preferredVersion: named[0] };
}

export function apiGroupList(groups: readonly ServedGroup[]): DiscoveryObject {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupBody) };
}

export function apiGroup(group: ServedGroup): DiscoveryObject {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group) };
}

function resourceEntries(definition: ResourceDefinition): object[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories, storage } = definition;
  const resource = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: [...verbs].sort(),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(storage === undefined ? {} : { storageVersionHash: storageVersionHash(kind, storage) }),
  };
  const subresources = subresourceFacts(definition).map((facts) => ({
    name: `${plural}/${facts.name}`,
    singularName: '',
    namespaced,
    ...(facts.version === '' ? {} : { group: facts.group, version: facts.version }),
    kind: facts.kind,
    verbs: facts.verbs,
  }));
  return [resource, ...subresources];
}

export function apiResourceList({ group, version, definitions }: ServedVersion): DiscoveryObject {
  return {
    kind: 'APIResourceList',
    // Upstream leaves it out of the core group's list.
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: definitions.flatMap(resourceEntries),
  };
}
