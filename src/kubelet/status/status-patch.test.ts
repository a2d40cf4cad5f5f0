import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { patchSchemaOf } from '../../api/schema/patch-schema.ts';
import { lookupSchema } from '../../api/schema/schema.ts';
import { semanticDeepEqual } from '../../machinery/deep-equal.ts';
import { applyStrategicMergePatch } from '../../machinery/patch/strategic.ts';
import { statusPatch } from './status-patch.ts';

test('nothing is to be written when nothing changed', () => {
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  assert.equal(statusPatch(status, structuredClone(status)), undefined);
  assert.equal(statusPatch({ phase: 'Running', podIPs: [] }, { phase: 'Running' }), undefined);
});

test('only what changed is written, with the order of what is merged by key', () => {
  const from = {
    phase: 'Pending',
    reason: 'Why',
    conditions: [
      { type: 'Ready', status: 'False', reason: 'Not' },
      { type: 'Initialized', status: 'True' },
    ],
  };
  const to = {
    phase: 'Running',
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Initialized', status: 'True' },
    ],
  };
  assert.deepEqual(statusPatch(from, to), {
    phase: 'Running',
    reason: null,
    '$setElementOrder/conditions': [{ type: 'Ready' }, { type: 'Initialized' }],
    conditions: [{ type: 'Ready', status: 'True', reason: null }],
  });
});

const condition = fc.record(
  { status: fc.constantFrom('True', 'False'), reason: fc.constantFrom('A', 'B'), message: fc.string() },
  { requiredKeys: ['status'] },
);
const conditions = fc
  .dictionary(fc.constantFrom('Ready', 'Initialized', 'ContainersReady', 'example.com/x'), condition)
  .chain((byType) => {
    const list = Object.entries(byType).map(([type, fields]) => ({ type, ...fields }));
    return fc.shuffledSubarray(list, { minLength: list.length });
  });
const ips = fc
  .uniqueArray(fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1'))
  .map((all) => all.map((ip) => ({ ip })));
const containerStatuses = fc.array(
  fc.record({ name: fc.constantFrom('web', 'log'), ready: fc.boolean(), restartCount: fc.nat(3) }),
  { maxLength: 2 },
);
const status = fc.record(
  {
    phase: fc.constantFrom('Pending', 'Running', 'Failed'),
    reason: fc.constantFrom('Evicted', 'DeadlineExceeded'),
    observedGeneration: fc.nat(5),
    conditions,
    podIPs: ips,
    hostIPs: ips,
    containerStatuses,
  },
  { requiredKeys: [] },
);

test('the patch makes of one status the other, as the API server applies it', () => {
  const found = lookupSchema('io.k8s.api.core.v1.PodStatus');
  assert.ok(found);
  const schema = patchSchemaOf(found);
  fc.assert(
    fc.property(status, status, (from, to) => {
      const patch = statusPatch(from, to);
      const result = patch === undefined ? from : applyStrategicMergePatch(from, patch, schema);
      assert.ok(semanticDeepEqual(result, to), JSON.stringify({ patch, result }));
    }),
  );
});
