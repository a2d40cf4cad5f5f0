import { eventColumns } from '../core/event-columns.ts';
import type { Column } from '../contract.ts';
import { defineResource } from '../define.ts';
import { decode } from '../schema/decode.ts';
import { knownSchema } from '../known-schema.ts';
import type { Event as CoreEvent } from '../types/core.v1.ts';
import type { Event } from '../types/events.v1.ts';
import { validateStrictEvent, validateStrictEventUpdate } from '../core/validation/events.ts';
import { eventFromCore, eventToCore } from './convert.ts';

/** Both forms are printed alike. */
const columns: readonly Column<Event>[] = eventColumns.map((column) => ({
  ...column,
  cell: (event, context) => column.cell(eventToCore(event) as CoreEvent, context),
}));

/** The same objects as the core Events, under the names of KEP-383. */
export const events = defineResource<Event>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  allowCreateOnUpdate: true,
  expires: true,
  validate: (event) => validateStrictEvent(eventToCore(event) as CoreEvent),
  validateUpdate: (event, old) =>
    validateStrictEventUpdate(eventToCore(event) as CoreEvent, eventToCore(old) as CoreEvent),
  storage: {
    group: '',
    version: 'v1',
    convert: {
      to: (event) => decode(knownSchema('io.k8s.api.core.v1.Event'), eventToCore(event)),
      from: (stored) => decode(knownSchema('io.k8s.api.events.v1.Event'), eventFromCore(stored)) as unknown as Event,
    },
    fieldNames: {
      'regarding.kind': 'involvedObject.kind',
      'regarding.namespace': 'involvedObject.namespace',
      'regarding.name': 'involvedObject.name',
      'regarding.uid': 'involvedObject.uid',
      'regarding.apiVersion': 'involvedObject.apiVersion',
      'regarding.resourceVersion': 'involvedObject.resourceVersion',
      'regarding.fieldPath': 'involvedObject.fieldPath',
      reportingController: 'reportingComponent',
    },
  },
  selectableFields: {
    reason: ({ reason }) => reason ?? '',
    'regarding.kind': ({ regarding }) => regarding?.kind ?? '',
    'regarding.namespace': ({ regarding }) => regarding?.namespace ?? '',
    'regarding.name': ({ regarding }) => regarding?.name ?? '',
    'regarding.uid': ({ regarding }) => regarding?.uid ?? '',
    'regarding.apiVersion': ({ regarding }) => regarding?.apiVersion ?? '',
    'regarding.resourceVersion': ({ regarding }) => regarding?.resourceVersion ?? '',
    'regarding.fieldPath': ({ regarding }) => regarding?.fieldPath ?? '',
    reportingController: ({ reportingController }) => reportingController ?? '',
    type: ({ type }) => type ?? '',
  },
  columns,
});
