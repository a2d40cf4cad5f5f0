import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123Label, isPathSegmentName } from '../../../machinery/names.ts';
import { Quantity, QuantityError } from '../../../machinery/quantity.ts';
import { validateContainerResourceName } from '../../core/validation/resource-names.ts';
import { listOf, orZero, validateByRule, validateEnum } from '../../field-rules.ts';
import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../../types/autoscaling.v2.ts';

const sourceTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
/** In upstream's order, and the type that each belongs to. */
const sources = [
  ['object', 'Object'],
  ['external', 'External'],
  ['pods', 'Pods'],
  ['resource', 'Resource'],
  ['containerResource', 'ContainerResource'],
] as const;
const targetTypes = ['Utilization', 'Value', 'AverageValue'];

function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

export function validateObjectReference(
  reference: Partial<CrossVersionObjectReference>,
  path: Path,
  errors: FieldError[],
): void {
  for (const field of ['kind', 'name'] as const) {
    const value = reference[field] ?? '';
    if (value === '') errors.push(path.child(field).required());
    else validateByRule(isPathSegmentName, value, path.child(field), errors);
  }
}

function isPositive(text: string): boolean {
  try {
    return Quantity.parse(text).sign > 0;
  } catch (error) {
    // What is no quantity was refused when the object was decoded.
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

function validateTarget(target: Partial<MetricTarget>, path: Path, errors: FieldError[]): void {
  const type = target.type ?? '';
  if (type === '') errors.push(path.child('type').required('must specify a metric target type'));
  if (!targetTypes.includes(type)) {
    errors.push(path.child('type').invalid(type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const field of ['value', 'averageValue'] as const) {
    const amount = target[field];
    if (isSet(amount) && !isPositive(amount)) errors.push(path.child(field).invalid(amount, 'must be positive'));
  }
  const { averageUtilization } = target;
  if (isSet(averageUtilization) && averageUtilization < 1) {
    errors.push(path.child('averageUtilization').invalid(averageUtilization, 'must be greater than 0'));
  }
}

function validateIdentifier(identifier: Partial<MetricIdentifier>, path: Path, errors: FieldError[]): void {
  const name = identifier.name ?? '';
  if (name === '') errors.push(path.child('name').required('must specify a metric name'));
  else validateByRule(isPathSegmentName, name, path.child('name'), errors);
}

type Source<K extends keyof MetricSpec> = Partial<NonNullable<MetricSpec[K]>>;

function validateObjectSource(source: Source<'object'>, path: Path, errors: FieldError[]): void {
  const target = orZero(source.target);
  validateObjectReference(orZero(source.describedObject), path.child('describedObject'), errors);
  validateIdentifier(orZero(source.metric), path.child('metric'), errors);
  validateTarget(target, path.child('target'), errors);
  if (isSet(target.value) || isSet(target.averageValue)) return;
  errors.push(path.child('target', 'averageValue').required('must set either a target value or averageValue'));
}

function validateExternalSource(source: Source<'external'>, path: Path, errors: FieldError[]): void {
  const target = orZero(source.target);
  validateIdentifier(orZero(source.metric), path.child('metric'), errors);
  validateTarget(target, path.child('target'), errors);
  const [hasValue, hasAverage] = [isSet(target.value), isSet(target.averageValue)];
  if (!hasValue && !hasAverage) {
    const detail = 'must set either a target value for metric or a per-pod target';
    errors.push(path.child('target', 'averageValue').required(detail));
  }
  if (hasValue && hasAverage) {
    const detail = 'may not set both a target value for metric and a per-pod target';
    errors.push(path.child('target', 'value').forbidden(detail));
  }
}

function validatePodsSource(source: Source<'pods'>, path: Path, errors: FieldError[]): void {
  const target = orZero(source.target);
  validateIdentifier(orZero(source.metric), path.child('metric'), errors);
  validateTarget(target, path.child('target'), errors);
  if (isSet(target.averageValue)) return;
  errors.push(path.child('target', 'averageValue').required('must specify a positive target averageValue'));
}

function validateResourceTarget(target: Partial<MetricTarget>, path: Path, errors: FieldError[]): void {
  validateTarget(target, path, errors);
  const [hasUtilization, hasValue] = [isSet(target.averageUtilization), isSet(target.averageValue)];
  if (!hasUtilization && !hasValue) {
    const detail = 'must set either a target raw value or a target utilization';
    errors.push(path.child('averageUtilization').required(detail));
  }
  if (hasUtilization && hasValue) {
    const detail = 'may not set both a target raw value and a target utilization';
    errors.push(path.child('averageValue').forbidden(detail));
  }
}

function validateResourceSource(source: Source<'resource'>, path: Path, errors: FieldError[]): void {
  if (!source.name) errors.push(path.child('name').required('must specify a resource name'));
  validateResourceTarget(orZero(source.target), path.child('target'), errors);
}

function validateContainerResourceSource(source: Source<'containerResource'>, path: Path, errors: FieldError[]): void {
  const { name = '', container = '' } = source;
  if (name === '') errors.push(path.child('name').required('must specify a resource name'));
  else errors.push(...validateContainerResourceName(name, path.child('name')));
  if (container === '') errors.push(path.child('container').required('must specify a container'));
  else validateByRule(isDNS1123Label, container, path.child('container'), errors);
  validateResourceTarget(orZero(source.target), path.child('target'), errors);
}

/** Upstream looks into one source only; that there are others is an error by itself. */
function validateFirstSource(metric: MetricSpec, path: Path, errors: FieldError[]): void {
  if (isSet(metric.object)) validateObjectSource(metric.object, path.child('object'), errors);
  else if (isSet(metric.external)) validateExternalSource(metric.external, path.child('external'), errors);
  else if (isSet(metric.pods)) validatePodsSource(metric.pods, path.child('pods'), errors);
  else if (isSet(metric.resource)) validateResourceSource(metric.resource, path.child('resource'), errors);
  else if (isSet(metric.containerResource)) {
    validateContainerResourceSource(metric.containerResource, path.child('containerResource'), errors);
  }
}

function validateMetric(metric: MetricSpec, path: Path, errors: FieldError[]): void {
  const type = metric.type ?? '';
  const typePath = path.child('type');
  if (type === '') errors.push(typePath.required('must specify a metric source type'));
  validateEnum(type, sourceTypes, typePath, errors);
  validateFirstSource(metric, path, errors);
  const present = sources.filter(([field]) => isSet(metric[field]));
  const expected = sources.find(([, sourceType]) => sourceType === type);
  // Upstream says so a second time.
  if (expected === undefined) validateEnum(type, sourceTypes, typePath, errors);
  else if (!isSet(metric[expected[0]])) {
    errors.push(path.child(expected[0]).required('must populate information for the given metric source'));
  }
  if (present.length === 1) return;
  for (const [field] of present) {
    if (field !== expected?.[0]) {
      errors.push(path.child(field).forbidden('must populate the given metric source only'));
    }
  }
}

export function validateMetrics(
  metrics: readonly MetricSpec[] | null | undefined,
  minReplicas: number | null | undefined,
  path: Path,
  errors: FieldError[],
): void {
  const list = listOf(metrics);
  list.forEach((metric, index) => validateMetric(metric, path.index(index), errors));
  // Without pods there is nobody to measure.
  if (minReplicas !== 0 || list.some(({ type }) => type === 'Object' || type === 'External')) return;
  const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
  errors.push(path.forbidden(detail));
}
