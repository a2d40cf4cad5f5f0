import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControllerRevision } from '../api/types/apps.v1.ts';
import type { PodTemplateSpec } from '../api/types/core.v1.ts';
import {
  compareRevisions,
  isRevisionOf,
  nextRevisionNumber,
  restoredTemplate,
  revisionName,
  templatePatch,
} from './history.ts';

const template: PodTemplateSpec = {
  metadata: { labels: { app: 'db' } },
  spec: { containers: [{ name: 'db', image: 'db:1', resources: {} }] },
};

function revision(data: object, number = 1, more: object = {}): ControllerRevision {
  return { metadata: { name: `r-${number}`, ...more }, data, revision: number } as ControllerRevision;
}

test('a revision restores its template in the place of any other', () => {
  const other: PodTemplateSpec = {
    metadata: { labels: { app: 'db', more: 'labels' }, annotations: { a: 'b' } },
    spec: { containers: [{ name: 'side', image: 'side:1' }], hostNetwork: true },
  };
  assert.deepEqual(restoredTemplate(other, revision(templatePatch(template))), template);
});

test('the keys of its data are in order, as clients that compare bytes have them', () => {
  const text = JSON.stringify(
    templatePatch({ spec: template.spec ?? { containers: [] }, metadata: template.metadata ?? {} }),
  );
  assert.equal(
    text,
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"image":"db:1","name":"db","resources":{}}]}}}}',
  );
});

test('a revision is of a template that means the same, with defaults that came later', () => {
  const stored = revision(templatePatch(template));
  assert.equal(isRevisionOf(stored, template), true);
  const defaulted: PodTemplateSpec = {
    ...template,
    spec: { ...template.spec, containers: template.spec?.containers ?? [], dnsPolicy: 'ClusterFirst' },
  };
  assert.equal(isRevisionOf(stored, defaulted), true);
  const before = {
    spec: {
      template: { ...template, $patch: 'replace', metadata: { creationTimestamp: null, labels: { app: 'db' } } },
    },
  };
  assert.equal(isRevisionOf(revision(before), template), true);
  const changed: PodTemplateSpec = { ...template, spec: { ...defaulted.spec, containers: [], dnsPolicy: 'Default' } };
  assert.equal(isRevisionOf(stored, changed), false);
});

test('revisions are in the order of their numbers, then of their age, then of their names', () => {
  const sorted = [
    revision({}, 2, { name: 'c', creationTimestamp: '2026-01-01T00:00:00Z' }),
    revision({}, 10, { name: 'a' }),
    revision({}, 2, { name: 'b', creationTimestamp: '2026-01-01T00:00:01Z' }),
    revision({}, 2, { name: 'a', creationTimestamp: '2026-01-01T00:00:01Z' }),
  ].sort(compareRevisions);
  assert.deepEqual(
    sorted.map(({ metadata }) => metadata.name),
    ['c', 'a', 'b', 'a'],
  );
  assert.equal(nextRevisionNumber(sorted), 11);
  assert.equal(nextRevisionNumber([]), 1);
});

test('a name has room for its hash', () => {
  assert.equal(revisionName('db', 'x7'), 'db-x7');
  assert.ok(revisionName('d'.repeat(253), '5'.repeat(10)).length <= 253);
});
