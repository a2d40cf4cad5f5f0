import { ageColumn, column, nameColumn, podTemplateColumns } from '../columns.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { setClaimSpecDefaults } from '../core/volume-defaults.ts';
import { defineResource, statusSubresource } from '../define.ts';
import type { StatefulSet, StatefulSetSpec } from '../types/apps.v1.ts';
import type { PersistentVolumeClaim } from '../types/core.v1.ts';
import { scaleSubresource } from './scale.ts';
import { validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from './validation/statefulset.ts';
import { statefulSetWarnings } from '../warnings/workloads.ts';

function setUpdateStrategyDefaults(spec: StatefulSetSpec): void {
  const strategy = (spec.updateStrategy ??= {});
  if ((strategy.type ?? '') === '') {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  // A client that names the type and gives no parameters is left without them, unlike one that names nothing.
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
}

/** A claim template is a whole PersistentVolumeClaim, with its type, and with the status of one that is new. */
function setClaimTemplateDefaults(claim: PersistentVolumeClaim): void {
  claim.apiVersion = 'v1';
  claim.kind = 'PersistentVolumeClaim';
  if (claim.spec) setClaimSpecDefaults(claim.spec);
  const status = (claim.status ??= {});
  if ((status.phase ?? '') === '') status.phase = 'Pending';
}

function defaults(statefulSet: StatefulSet): void {
  const spec = statefulSet.spec;
  if (spec === undefined || spec === null) return;
  if ((spec.podManagementPolicy ?? '') === '') spec.podManagementPolicy = 'OrderedReady';
  setUpdateStrategyDefaults(spec);
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ??= 'Retain';
  retention.whenScaled ??= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  setPodTemplateDefaults(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) setClaimTemplateDefaults(claim);
}

export const statefulsets = defineResource<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  // Its pods take their host names from it.
  nameRule: 'dnsLabel',
  defaults,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  ...statefulSetWarnings,
  columns: [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    ageColumn,
    ...podTemplateColumns<StatefulSet>(({ spec }) => spec?.template?.spec),
  ],
  subresources: { scale: scaleSubresource(), status: statusSubresource(validateStatefulSetStatus) },
});
