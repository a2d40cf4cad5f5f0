import assert from 'node:assert/strict';
import { test } from 'node:test';
import { root } from './field-error.ts';
import { validateLabelName, validateLabelSelector, validateLabels } from './label-validation.ts';
import { isLabelValue, isQualifiedName } from './names.ts';

const path = root('spec').child('selector');

test('labels are named by the path of their map', () => {
  const at = root('metadata').child('labels');
  assert.deepEqual(validateLabels({ app: 'web', 'x.io/y': '' }, at), []);
  assert.deepEqual(validateLabels(undefined, at), []);
  assert.deepEqual(validateLabels({ '-': '-' }, at).map(String), [
    `metadata.labels: Invalid value: "-": ${isQualifiedName('-').join()}`,
    `metadata.labels: Invalid value: "-": ${isLabelValue('-').join()}`,
  ]);
  assert.equal(validateLabelName('a b', at).length, 1);
});

test('a selector is checked in all its parts', () => {
  assert.deepEqual(validateLabelSelector(undefined, {}, path), []);
  assert.deepEqual(
    validateLabelSelector(
      {
        matchLabels: { app: '-' },
        matchExpressions: [
          { key: 'a', operator: 'In' },
          { key: 'a', operator: 'Exists', values: ['x'] },
          { key: '', operator: 'Near' },
          { key: 'a', operator: 'NotIn', values: ['x', '!'] },
        ],
      },
      {},
      path,
    ).map(String),
    [
      `spec.selector.matchLabels: Invalid value: "-": ${isLabelValue('-').join()}`,
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'spec.selector.matchExpressions[2].operator: Invalid value: "Near": not a valid selector operator',
      ...isQualifiedName('').map((text) => `spec.selector.matchExpressions[2].key: Invalid value: "": ${text}`),
      `spec.selector.matchExpressions[3].values[1]: Invalid value: "!": ${isLabelValue('!').join()}`,
    ],
  );
});

test('what was written before the rules may stay', () => {
  const selector = { matchExpressions: [{ key: 'a', operator: 'Near', values: ['!'] }] };
  const options = { allowInvalidLabelValueInSelector: true, allowUnknownOperatorInRequirement: true };
  assert.deepEqual(validateLabelSelector(selector, options, path), []);
});
