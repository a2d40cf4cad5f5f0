import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WrittenRevisions } from './written-revisions.ts';

const resource = { group: '', plural: 'pods' };
const written = (resourceVersion: string): object => ({ metadata: { resourceVersion } });

test('what was written is seen when the informer is as far, whatever the number of digits', () => {
  const revisions = new WrittenRevisions();
  const source = { resource, resourceVersion: '9' };
  assert.equal(revisions.behind('default/web'), undefined);
  revisions.note('default/web', source, written('10'));
  revisions.note('default/web', source, written('8'));
  assert.equal(revisions.behind('default/web'), source);
  assert.equal(revisions.behind('default/db'), undefined);
  source.resourceVersion = '11';
  assert.equal(revisions.behind('default/web'), undefined);
});

test('every informer must be as far; one that reads anew is not', () => {
  const revisions = new WrittenRevisions();
  const [pods, sets] = [
    { resource, resourceVersion: '5' },
    { resource, resourceVersion: '' },
  ];
  revisions.note('default/web', pods, written('5'));
  revisions.note('default/web', sets, written('4'));
  assert.equal(revisions.behind('default/web'), sets);
  sets.resourceVersion = '4';
  assert.equal(revisions.behind('default/web'), undefined);
});

test('an answer without a revision and an owner that is gone are not waited for', () => {
  const revisions = new WrittenRevisions();
  const source = { resource, resourceVersion: '1' };
  revisions.note('default/web', source, { kind: 'Status' });
  assert.equal(revisions.behind('default/web'), undefined);
  revisions.note('default/web', source, written('2'));
  revisions.forget('default/web');
  assert.equal(revisions.behind('default/web'), undefined);
});
