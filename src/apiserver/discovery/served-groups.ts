import type { ResourceCatalog, ResourceDefinition } from '../../api/contract.ts';
import { compareGroups, compareVersions } from '../../api/group-order.ts';

export interface ServedVersion {
  readonly group: string;
  readonly version: string;
  /** In order of plural. */
  readonly definitions: readonly ResourceDefinition[];
}

export interface ServedGroup {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly ServedVersion[];
}

/** What a catalog serves, by group and version, the most preferred first. */
export function servedGroups({ definitions }: ResourceCatalog): ServedGroup[] {
  return [...Map.groupBy(definitions, ({ group }) => group)]
    .sort(([a], [b]) => compareGroups(a, b))
    .map(([group, ofGroup]) => ({
      group,
      versions: [...Map.groupBy(ofGroup, ({ version }) => version)]
        .sort(([a], [b]) => compareVersions(a, b))
        .map(([version, ofVersion]) => ({
          group,
          version,
          definitions: ofVersion.sort((a, b) => (a.plural < b.plural ? -1 : 1)),
        })),
    }));
}
