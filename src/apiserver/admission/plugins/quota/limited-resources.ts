/** What the configuration of the plugin says must be covered by a quota to be used at all. */
import type { LimitedResource } from '../../../../api/types/resourcequota-config.v1.ts';
import { lookupType } from '../../../../api/schema/schema.ts';
import type { AdmissionConfiguration } from '../../configuration.ts';

export type { LimitedResource };

/** Throws SetupError when the configuration is wrong. */
export function readLimitedResources(configuration: AdmissionConfiguration): readonly LimitedResource[] {
  if (configuration.of('ResourceQuota') === undefined) return [];
  const schema = lookupType('apiserver.config.k8s.io', 'v1', 'Configuration');
  if (schema === undefined) throw new Error('no schema for ResourceQuotaConfiguration');
  const decoded = configuration.decoded('ResourceQuota', {
    apiVersions: ['apiserver.config.k8s.io/v1'],
    kind: 'ResourceQuotaConfiguration',
    schema,
  });
  return (decoded?.['limitedResources'] ?? []) as readonly LimitedResource[];
}
