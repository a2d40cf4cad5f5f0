import { formatTime } from '../../machinery/time.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import type { StrategyContext } from '../contract.ts';
import { defineResource } from '../define.ts';
import { statusOnlySubresource } from '../status-only.ts';
import type { APIService } from '../types/apiregistration.v1.ts';
import { validateAPIService, validateAPIServiceStatus } from './validation.ts';

/** What this server serves itself is there from the start. */
function markLocalAvailable(service: APIService, { nowMs }: StrategyContext): void {
  if (service.spec?.service) return;
  service.status = {
    conditions: [
      {
        type: 'Available',
        status: 'True',
        lastTransitionTime: formatTime(nowMs),
        reason: 'Local',
        message: 'Local APIServices are always available',
      },
    ],
  };
}

function availableCell({ status }: APIService): string {
  const available = (status?.conditions ?? []).find((condition) => condition?.type === 'Available');
  if (available === undefined) return 'Unknown';
  return available.status !== 'True' && available.reason
    ? `${available.status} (${available.reason})`
    : (available.status ?? '');
}

export const apiservices = defineResource<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  namespaced: false,
  nameRule: 'pathSegment',
  validate: validateAPIService,
  allowUnconditionalUpdate: false,
  generationChanges: 'none',
  storage: { prefix: 'apiregistration.k8s.io/apiservices' },
  defaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  prepareForCreate: markLocalAvailable,
  columns: [
    nameColumn,
    column('Service', ({ spec }) =>
      spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local',
    ),
    column('Available', availableCell),
    ageColumn,
  ],
  subresources: { status: statusOnlySubresource<APIService>(validateAPIServiceStatus) },
  notImplemented: 'API aggregation is not implemented yet: an APIService would have no effect',
});
