import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { events as coreEvents } from '../core/events.ts';
import { created, objectOf } from '../core/test-support.ts';
import { arbitraryObject } from '../schema/arbitrary.ts';
import { testRows } from '../test-rows.ts';
import { eventFromCore, eventToCore } from './convert.ts';
import { events } from './events.ts';
import { eventsDefinitions } from './index.ts';

const header = 'LastSeen Type Reason Object |Subobject |Source Message |FirstSeen |Count |Name';

testRows(eventsDefinitions, [
  [
    'events',
    {
      metadata: { name: 'e' },
      regarding: { kind: 'Pod', name: 'p', fieldPath: 'spec.containers{c}' },
      type: 'Warning',
      reason: 'BackOff',
      note: ' again\n',
      reportingController: 'kubelet',
      reportingInstance: 'n',
      eventTime: '2026-01-02T02:59:05.000000Z',
      series: { count: 4, lastObservedTime: '2026-01-02T03:04:00.000000Z' },
    },
    header,
    ['5s', 'Warning', 'BackOff', 'pod/p', 'spec.containers{c}', 'kubelet, n', 'again', '5m', 4, 'e'],
  ],
  ['events', {}, header, ['<unknown>', '', '', '', '', '', '', '<unknown>', 1, '']],
]);

const core = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'ns' },
  involvedObject: { kind: 'Pod', name: 'p' },
  reason: 'Pulled',
  message: 'done',
  source: { component: 'kubelet', host: 'n' },
  firstTimestamp: created,
  lastTimestamp: created,
  count: 3,
  type: 'Normal',
  eventTime: null,
  reportingComponent: 'kubelet',
  reportingInstance: 'n',
};

test('an Event has other names in events.k8s.io', () => {
  assert.deepEqual(eventFromCore(core), {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'ns' },
    regarding: { kind: 'Pod', name: 'p' },
    reason: 'Pulled',
    note: 'done',
    deprecatedSource: { component: 'kubelet', host: 'n' },
    deprecatedFirstTimestamp: created,
    deprecatedLastTimestamp: created,
    deprecatedCount: 3,
    type: 'Normal',
    eventTime: null,
    reportingController: 'kubelet',
    reportingInstance: 'n',
  });
  assert.deepEqual(eventToCore(eventFromCore(core)), core);
});

test('the conversion loses nothing of a stored Event', () => {
  const { convert } = events.storage ?? {};
  assert.ok(convert);
  fc.assert(
    fc.property(arbitraryObject(coreEvents.schema), (stored) => {
      const event = { ...stored, apiVersion: 'v1', kind: 'Event' };
      assert.deepEqual(convert.to(convert.from(event)), objectOf(coreEvents, event));
    }),
  );
});

test('nor of one that is written', () => {
  const { convert } = events.storage ?? {};
  assert.ok(convert);
  fc.assert(
    fc.property(arbitraryObject(events.schema), (written) => {
      const event = { ...written, apiVersion: 'events.k8s.io/v1', kind: 'Event' };
      assert.deepEqual(convert.from(convert.to(event)), objectOf(events, event));
    }),
  );
});

test('both groups select by the same values under their own names', () => {
  const event = objectOf(events, eventFromCore(core));
  const values = Object.fromEntries(
    Object.entries(events.selectableFields).map(([name, value]) => [name, value(event)]),
  );
  assert.deepEqual(values, {
    reason: 'Pulled',
    'regarding.kind': 'Pod',
    'regarding.namespace': '',
    'regarding.name': 'p',
    'regarding.uid': '',
    'regarding.apiVersion': '',
    'regarding.resourceVersion': '',
    'regarding.fieldPath': '',
    reportingController: 'kubelet',
    type: 'Normal',
  });
});
