import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { isDNS1123Label } from '../../../machinery/names.ts';
import { validateClaimSpec } from '../../core/validation/persistentvolumeclaims.ts';
import { validatePodTemplateSpec } from '../../core/validation/pod-template.ts';
import { listOf, orZero, validateByRule, validateEnum, validateNonnegative } from '../../field-rules.ts';
import type { PodTemplateSpec } from '../../types/core.v1.ts';
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from '../../types/apps.v1.ts';
import { intOrPercentValue, validateNotMoreThan100Percent, validatePositiveIntOrPercent } from './rolling-update.ts';
import { validateCollisionCount, validateCounts } from './status-counts.ts';
import { readSelector, validateRunsForever, validateTemplateIsSelected, validateWorkloadSelector } from './template.ts';

const specPath = root('spec');
const podManagementPolicyPath = specPath.child('podManagementPolicy');
const strategyPath = specPath.child('updateStrategy');
const rollingUpdatePath = strategyPath.child('rollingUpdate');
const partitionPath = rollingUpdatePath.child('partition');
const maxUnavailablePath = rollingUpdatePath.child('maxUnavailable');
const retentionPath = specPath.child('persistentVolumeClaimRetentionPolicy');
const replicasPath = specPath.child('replicas');
const minReadySecondsPath = specPath.child('minReadySeconds');
const ordinalStartPath = specPath.child('ordinals.start');
const serviceNamePath = specPath.child('serviceName');
const selectorPath = specPath.child('selector');
const templatePath = specPath.child('template');
const claimTemplatesPath = specPath.child('volumeClaimTemplates');
const statusPath = root('status');
const retentionPolicies = ['Retain', 'Delete'];

function validateStrategy(strategy: StatefulSetUpdateStrategy, errors: FieldError[]): void {
  const rollingUpdate = strategy.rollingUpdate ?? undefined;
  const type: string = strategy.type ?? '';
  // Where upstream prints its internal type, fields have Go's names.
  const { partition: Partition = 0, maxUnavailable: MaxUnavailable = null } = orZero(rollingUpdate);
  const RollingUpdate = rollingUpdate === undefined ? null : { Partition, MaxUnavailable };
  if (type === '') errors.push(strategyPath.required());
  else if (type === 'OnDelete') {
    if (rollingUpdate === undefined) return;
    errors.push(rollingUpdatePath.invalid(RollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (type !== 'RollingUpdate') {
    errors.push(strategyPath.invalid({ Type: type, RollingUpdate }, "must be 'RollingUpdate' or 'OnDelete'"));
  } else if (rollingUpdate !== undefined) {
    const { partition, maxUnavailable } = rollingUpdate;
    validateNonnegative(partition, partitionPath, errors);
    if (maxUnavailable === undefined || maxUnavailable === null) return;
    validatePositiveIntOrPercent(maxUnavailable, maxUnavailablePath, errors);
    if (intOrPercentValue(maxUnavailable) === 0) errors.push(maxUnavailablePath.invalid(maxUnavailable, 'cannot be 0'));
    validateNotMoreThan100Percent(maxUnavailable, maxUnavailablePath, errors);
  }
}

function validatePodManagementPolicy(policy: string, errors: FieldError[]): void {
  if (policy === '') errors.push(podManagementPolicyPath.required());
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(podManagementPolicyPath.invalid(policy, "must be 'OrderedReady' or 'Parallel'"));
  }
}

/** The template of the pods, which mount the volumes that are made of the claim templates too. */
function templateWithClaims({ template, volumeClaimTemplates }: Partial<StatefulSetSpec>): PodTemplateSpec | undefined {
  const claims = listOf(volumeClaimTemplates).map(({ metadata }) => metadata?.name ?? '');
  if (claims.length === 0 || !template?.spec) return template;
  const others = listOf(template.spec.volumes).filter(({ name }) => !claims.includes(name ?? ''));
  const volumes = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...others, ...volumes] } };
}

/** Templates were not checked before v1.34: an update may keep one that is not valid. */
function validateTemplate(
  spec: Partial<StatefulSetSpec>,
  old: StatefulSetSpec | undefined,
  errors: FieldError[],
): void {
  const faults = validatePodTemplateSpec(templateWithClaims(spec), templatePath, old?.template);
  if (faults.length === 0) return;
  const stored = old === undefined ? undefined : templateWithClaims(old);
  if (stored === undefined || validatePodTemplateSpec(stored, templatePath).length === 0) errors.push(...faults);
}

function validateSpec(spec: Partial<StatefulSetSpec>, old: StatefulSetSpec | undefined, errors: FieldError[]): void {
  validatePodManagementPolicy(spec.podManagementPolicy ?? '', errors);
  validateStrategy(orZero(spec.updateStrategy), errors);
  const retention = spec.persistentVolumeClaimRetentionPolicy ?? undefined;
  if (retention !== undefined) {
    validateEnum(retention.whenDeleted ?? '', retentionPolicies, retentionPath.child('whenDeleted'), errors);
    validateEnum(retention.whenScaled ?? '', retentionPolicies, retentionPath.child('whenScaled'), errors);
  }
  validateNonnegative(spec.replicas, replicasPath, errors);
  validateNonnegative(spec.minReadySeconds, minReadySecondsPath, errors);
  validateNonnegative(spec.ordinals?.start, ordinalStartPath, errors);
  validateWorkloadSelector(spec.selector, {}, 'empty selector is invalid for statefulset', selectorPath, errors);
  const selects = readSelector(spec.selector);
  if (selects === undefined) errors.push(selectorPath.invalid(spec.selector, ''));
  else if (!selects.isEmpty) validateTemplateIsSelected(spec.template, selects, templatePath, errors);
  validateTemplate(spec, old, errors);
  validateRunsForever(spec.template, 'StatefulSet', templatePath, errors);
}

export function validateStatefulSet(statefulSet: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  const spec = orZero(statefulSet.spec);
  validateSpec(spec, undefined, errors);
  const serviceName = spec.serviceName ?? '';
  // The name becomes part of the pods' host names. It cannot change, so an update keeps one that is not valid.
  if (serviceName !== '') validateByRule(isDNS1123Label, serviceName, serviceNamePath, errors);
  // Nor can claim templates change, which were not checked before v1.35.
  listOf(spec.volumeClaimTemplates).forEach((claim, index) => {
    errors.push(...validateClaimSpec(claim.spec ?? {}, claimTemplatesPath.index(index).child('spec'), {}));
  });
  return errors;
}

const changeable = {
  replicas: undefined,
  ordinals: undefined,
  template: undefined,
  updateStrategy: undefined,
  revisionHistoryLimit: undefined,
  persistentVolumeClaimRetentionPolicy: undefined,
  minReadySeconds: undefined,
};

export function validateStatefulSetUpdate(statefulSet: StatefulSet, old: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  validateSpec(orZero(statefulSet.spec), old.spec ?? undefined, errors);
  if (!semanticDeepEqual({ ...statefulSet.spec, ...changeable }, { ...old.spec, ...changeable })) {
    errors.push(
      specPath.forbidden(
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    );
  }
  return errors;
}

const counts = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
] as const;
const within = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const;

export function validateStatefulSetStatus({ status }: StatefulSet, old: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  validateCounts(orZero(status), counts, within, 'cannot be greater than status.readyReplicas', statusPath, errors);
  validateCollisionCount(status?.collisionCount, old.status?.collisionCount, statusPath, errors);
  return errors;
}
