/** Events of both groups, in the form of the core group, which is the stored one. */
import { semanticDeepEqual } from '../../../machinery/deep-equal.ts';
import { root, type FieldError } from '../../../machinery/field-error.ts';
import { isDNS1123Subdomain, isQualifiedName } from '../../../machinery/names.ts';
import type { Event } from '../../types/core.v1.ts';

const maxFieldBytes = 128;
const maxMessageBytes = 1024;
const namespacePath = root('involvedObject').child('namespace');

/** What every Event must say, those of the core group nothing more. */
export function validateEvent(event: Event): FieldError[] {
  const errors: FieldError[] = [];
  const namespace = event.metadata?.namespace ?? '';
  const involved = event.involvedObject?.namespace ?? '';
  if (event.eventTime) validateNewEvent(event, namespace, involved, errors);
  else if (involved === '' ? namespace !== '' && namespace !== 'default' : namespace !== involved) {
    errors.push(namespacePath.invalid(involved, 'does not match event.namespace'));
  }
  for (const sentence of isDNS1123Subdomain(namespace)) errors.push(root('namespace').invalid(namespace, sentence));
  return errors;
}

/** With an eventTime an Event is of the new kind (KEP-383), which must say who reports what. */
function validateNewEvent(event: Event, namespace: string, involved: string, errors: FieldError[]): void {
  if (involved === '' && namespace !== 'default' && namespace !== 'kube-system') {
    errors.push(namespacePath.invalid(involved, 'does not match event.namespace'));
  }
  const { reportingComponent = '', message = '' } = event;
  const controllerPath = root('reportingController');
  if (reportingComponent === '') errors.push(controllerPath.required());
  for (const sentence of isQualifiedName(reportingComponent)) {
    errors.push(controllerPath.invalid(reportingComponent, sentence));
  }
  for (const field of ['reportingInstance', 'action', 'reason'] as const) {
    const value = event[field] ?? '';
    if (value === '') errors.push(root(field).required());
    validateLength(field, value, maxFieldBytes, errors);
  }
  validateLength('message', message, maxMessageBytes, errors);
}

function validateLength(field: string, value: string, maxBytes: number, errors: FieldError[]): void {
  if (Buffer.byteLength(value) <= maxBytes) return;
  errors.push(root(field).invalid('', `can have at most ${maxBytes} characters`));
}

function validateSeries({ series }: Event, errors: FieldError[]): void {
  if (!series) return;
  if ((series.count ?? 0) < 2) errors.push(root('series.count').invalid('', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(root('series.lastObservedTime').required());
}

/** Events that are created through `events.k8s.io/v1`, given in the core form. */
export function validateStrictEvent(event: Event): FieldError[] {
  const errors = validateEvent(event);
  validateSeries(event, errors);
  if (!event.eventTime) errors.push(root('eventTime').required());
  const { type = '' } = event;
  if (type !== 'Normal' && type !== 'Warning') errors.push(root('type').invalid('', `has invalid value: ${type}`));
  const unset = 'needs to be unset';
  if (event.firstTimestamp) errors.push(root('firstTimestamp').invalid('', unset));
  if (event.lastTimestamp) errors.push(root('lastTimestamp').invalid('', unset));
  if (event.count) errors.push(root('count').invalid('', unset));
  if (event.source?.component || event.source?.host) errors.push(root('source').invalid('', unset));
  return errors;
}

const immutableFields = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const;

/** Through `events.k8s.io/v1` only the series changes. Both in the core form. */
export function validateStrictEventUpdate(event: Event, old: Event): FieldError[] {
  const errors = validateEvent(event);
  if (!semanticDeepEqual(event.series, old.series)) validateSeries(event, errors);
  for (const field of immutableFields) {
    // Nothing, zero and an empty struct are one where Go has no pointer.
    const [value, before] = [event[field], old[field]].map((one) => (isEmpty(one) ? null : one));
    if (semanticDeepEqual(value, before)) continue;
    const path = root(field === 'reportingComponent' ? 'reportingController' : field);
    errors.push(path.invalid(event[field] ?? '', 'field is immutable'));
  }
  return errors;
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isEmpty);
  return !value;
}
