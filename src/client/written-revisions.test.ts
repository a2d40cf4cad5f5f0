import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WrittenRevisions } from './written-revisions.ts';

const written = (resourceVersion: string): object => ({ metadata: { resourceVersion } });

test('what was written is seen when the informer is as far, whatever the number of digits', () => {
  const revisions = new WrittenRevisions();
  const source = { resourceVersion: '9' };
  assert.equal(revisions.areSeen('default/web'), true);
  revisions.note('default/web', source, written('10'));
  revisions.note('default/web', source, written('8'));
  assert.equal(revisions.areSeen('default/web'), false);
  assert.equal(revisions.areSeen('default/db'), true);
  source.resourceVersion = '11';
  assert.equal(revisions.areSeen('default/web'), true);
});

test('every informer must be as far; one that reads anew is not', () => {
  const revisions = new WrittenRevisions();
  const [pods, sets] = [{ resourceVersion: '5' }, { resourceVersion: '' }];
  revisions.note('default/web', pods, written('5'));
  revisions.note('default/web', sets, written('4'));
  assert.equal(revisions.areSeen('default/web'), false);
  sets.resourceVersion = '4';
  assert.equal(revisions.areSeen('default/web'), true);
});

test('an answer without a revision and an owner that is gone are not waited for', () => {
  const revisions = new WrittenRevisions();
  const source = { resourceVersion: '1' };
  revisions.note('default/web', source, { kind: 'Status' });
  assert.equal(revisions.areSeen('default/web'), true);
  revisions.note('default/web', source, written('2'));
  revisions.forget('default/web');
  assert.equal(revisions.areSeen('default/web'), true);
});
