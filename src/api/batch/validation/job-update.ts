import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { fieldIsImmutable, orZero, validateImmutable } from '../../field-rules.ts';
import type { Job, JobSpec } from '../../types/batch.v1.ts';
import type { Affinity, Container, PodSpec, PodTemplateSpec } from '../../types/core.v1.ts';
import { isConditionTrue } from './job-conditions.ts';

const specPath = root('spec');
const completionsPath = specPath.child('completions');
const templatePath = specPath.child('template');

/** An indexed Job may be scaled: its completions change together with its parallelism. */
function validateCompletions(spec: Partial<JobSpec>, old: Partial<JobSpec>, errors: FieldError[]): void {
  if (spec.completionMode !== 'Indexed') {
    validateImmutable(spec.completions, old.completions, completionsPath, errors);
    return;
  }
  const completions = spec.completions ?? undefined;
  if (completions === undefined || completions === (old.completions ?? undefined)) return;
  if (completions !== (spec.parallelism ?? undefined)) {
    errors.push(completionsPath.invalid(completions, 'can only be modified in tandem with spec.parallelism'));
  }
}

/**
 * A Job that is suspended, and whose pods are gone, may get other resources and another place: queueing controllers
 * decide on both before they let it run (KEP-2926, KEP-5440).
 */
function mayRetarget({ spec, status }: Job): boolean {
  if (spec?.suspend !== true) return false;
  const neverStarted = status?.startTime === undefined || status.startTime === null;
  return neverStarted || (isConditionTrue(status, 'Suspended') && (status.active ?? 0) === 0);
}

function withoutNodeAffinity(affinity: Affinity | null | undefined): Affinity | undefined {
  const { podAffinity, podAntiAffinity } = affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return undefined;
  return { ...(podAffinity ? { podAffinity } : {}), ...(podAntiAffinity ? { podAntiAffinity } : {}) };
}

function withoutAmounts(containers: readonly Container[] | null | undefined): unknown {
  return (containers ?? []).map((container) => ({
    ...container,
    resources: { ...container.resources, requests: undefined, limits: undefined },
  }));
}

/** The template without what a queueing controller may change. */
function withoutTarget(template: PodTemplateSpec | null | undefined): unknown {
  const spec: Partial<PodSpec> = orZero(template?.spec);
  return {
    metadata: { ...template?.metadata, labels: undefined, annotations: undefined },
    spec: {
      ...spec,
      affinity: withoutNodeAffinity(spec.affinity),
      nodeSelector: undefined,
      tolerations: undefined,
      schedulingGates: undefined,
      containers: withoutAmounts(spec.containers),
      initContainers: withoutAmounts(spec.initContainers),
    },
  };
}

function validateTemplate(job: Job, old: Job, errors: FieldError[]): void {
  const template = job.spec?.template;
  const stored = old.spec?.template;
  if (semanticDeepEqual(template, stored)) return;
  if (mayRetarget(old) && semanticDeepEqual(withoutTarget(template), withoutTarget(stored))) return;
  errors.push(templatePath.invalid(template ?? null, fieldIsImmutable));
}

const immutableAfterTemplate = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const;

/** What no update of a Job may change. */
export function validateJobSpecChange(job: Job, old: Job, errors: FieldError[]): void {
  const spec = orZero(job.spec);
  const stored = orZero(old.spec);
  validateCompletions(spec, stored, errors);
  validateImmutable(spec.selector, stored.selector, specPath.child('selector'), errors);
  validateTemplate(job, old, errors);
  for (const field of immutableAfterTemplate) {
    validateImmutable(spec[field], stored[field], specPath.child(field), errors);
  }
}
