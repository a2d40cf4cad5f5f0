import { root, type FieldError } from '../../../machinery/field-error.ts';
import { validateLabelSelector, type LabelSelectorValidationOptions } from '../../../machinery/label-validation.ts';
import { isDNS1123Label } from '../../../machinery/names.ts';
import { readSelector, validateTemplateIsSelected } from '../../apps/validation/template.ts';
import { orZero, sortedMap } from '../../field-rules.ts';
import { hasInvalidLabelValue } from '../../label-selector-ratchet.ts';
import type { Job } from '../../types/batch.v1.ts';
import { validateJobSpecCommon } from './job-spec.ts';
import { validateJobSpecChange } from './job-update.ts';

const specPath = root('spec');
const selectorPath = specPath.child('selector');
const templatePath = specPath.child('template');
const templateMetadataPath = templatePath.child('metadata');
const labelsPath = templateMetadataPath.child('labels');
const namePath = root('metadata').child('name');
const uidPath = root('metadata').child('uid');
const prefix = 'batch.kubernetes.io/';

function hasLabels(job: Job, expected: Readonly<Record<string, string>>, errors: FieldError[]): void {
  const labels = job.spec?.template?.metadata?.labels ?? {};
  for (const [key, value] of Object.entries(expected)) {
    const actual = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (actual === undefined) errors.push(labelsPath.key(key).required(`must be '${value}'`));
    else if (actual !== value) errors.push(labelsPath.key(key).invalid(sortedMap(labels), `must be '${value}'`));
  }
}

/** What the server generates is there, unless whoever made the Job selects by hand. */
function validateGeneratedSelector(job: Job, errors: FieldError[]): void {
  const { selector, manualSelector } = orZero(job.spec);
  if (manualSelector === true || selector === undefined || selector === null) return;
  const { uid = '', name = '' } = orZero(job.metadata);
  if (uid === '') errors.push(uidPath.required());
  const expected = {
    'controller-uid': uid,
    'job-name': name,
    [`${prefix}controller-uid`]: uid,
    [`${prefix}job-name`]: name,
  };
  hasLabels(job, expected, errors);
  if (readSelector(selector)?.matches(expected) === false) {
    errors.push(selectorPath.invalid(selector, '`selector` not auto-generated'));
  }
}

function validateSpec(
  job: Job,
  old: Job | undefined,
  options: LabelSelectorValidationOptions,
  errors: FieldError[],
): void {
  const spec = orZero(job.spec);
  validateJobSpecCommon(spec, old?.spec, specPath, errors);
  const selector = spec.selector ?? undefined;
  if (selector === undefined) errors.push(selectorPath.required());
  else errors.push(...validateLabelSelector(selector, options, selectorPath));
  const selects = readSelector(selector);
  if (selects !== undefined) validateTemplateIsSelected(spec.template, selects, templatePath, errors);
}

/** The pods of an indexed Job have its name and their index as host names. */
function validateHostNames(job: Job, errors: FieldError[]): void {
  const completions = job.spec?.completions ?? 0;
  if (job.spec?.completionMode !== 'Indexed' || completions <= 0) return;
  const name = job.metadata?.name ?? '';
  const last = `${name}-${completions - 1}`;
  if (isDNS1123Label(last).length === 0) return;
  errors.push(namePath.invalid(name, `will not able to create pod with invalid DNS label: ${last}`));
}

export function validateJob(job: Job): FieldError[] {
  const errors: FieldError[] = [];
  validateGeneratedSelector(job, errors);
  validateSpec(job, undefined, {}, errors);
  validateHostNames(job, errors);
  return errors;
}

export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const errors: FieldError[] = [];
  validateSpec(job, old, { allowInvalidLabelValueInSelector: hasInvalidLabelValue(old.spec?.selector) }, errors);
  validateJobSpecChange(job, old, errors);
  return errors;
}
