/**
 * Aggregated discovery (KEP-3352, `apidiscovery.k8s.io`): all groups, versions and resources in one document, with the
 * fields in the order in which upstream prints them.
 */
import type { ResourceDefinition } from '../../api/contract.ts';
import type { TypeMeta } from '../../api/schema/protobuf/envelope.ts';
import type { ServedGroup } from './served-groups.ts';
import { subresourceFacts } from './subresources.ts';

export const aggregatedVersions = ['v2', 'v2beta1'] as const;
export type AggregatedVersion = (typeof aggregatedVersions)[number];

/** Group and version are left empty where they are those of the list, as in the plain documents. */
function responseKind(kind: string, group = '', version = ''): object {
  return { group, version, kind };
}

function resourceEntry(definition: ResourceDefinition): object {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = definition;
  const subresources = subresourceFacts(definition).map((facts) => ({
    subresource: facts.name,
    responseKind: responseKind(facts.kind, facts.group, facts.version),
    verbs: facts.verbs,
  }));
  return {
    resource: plural,
    responseKind: responseKind(kind),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...verbs].sort(),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

export function apiGroupDiscoveryList(
  groups: readonly ServedGroup[],
  version: AggregatedVersion,
): TypeMeta & Readonly<Record<string, unknown>> {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map((served) => ({
        version: served.version,
        resources: served.definitions.map(resourceEntry),
        freshness: 'Current',
      })),
    })),
  };
}
